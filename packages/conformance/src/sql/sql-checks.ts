import { fieldsEqual } from '@millrace/arrow';
import { type Check, defineChecks } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { describeSchema } from '../checks/schema-checks.ts';
import { compareInOrder, compareMultisets } from '../read/compare-rows.ts';
import type { AnswerMode, EngineAnswer, EngineSession } from './engine-adapter.ts';
import { SQL_TOPICS, type SqlQuestion } from './questions.ts';

type Answer = EngineAnswer | { readonly error: string };

/** Statements, each answered with pushdown, without, and by the reference. */
export const SQL_CHECKS: readonly Check[] = defineChecks(
  'sql',
  SQL_TOPICS.map(({ id, number, title, questions }) => ({
    id,
    number,
    title: `${title}: the same rows, types and nullability with pushdown, without, and from the reference`,
    fix: 'Run the statement with pushdown off: if that is right, a claim of the plan is wrong; if not, a value or a type is.',
    timeoutMs: 300_000,
    async run(context) {
      const engine = await context.engine();
      let applicable = 0;
      for (const question of questions) if (await compareAnswers(context, engine, question)) applicable += 1;
      context.note(`${applicable} of ${questions.length} statements apply`);
      if (applicable === 0) context.skip('the source has none of the columns that the statements need');
    },
  })),
);

/** Compares the three answers; false where the reference cannot answer, because the source lacks a type. */
async function compareAnswers(context: CheckContext, engine: EngineSession, question: SqlQuestion): Promise<boolean> {
  const { sql } = question;
  const reference = await answer(engine, sql, 'reference');
  if ('error' in reference && question.may !== 'fail') return false;
  for (const mode of ['unpushed', 'pushed'] as const) {
    const found = await answer(engine, sql, mode);
    const difference = compare(question, found, reference);
    if (difference === undefined) continue;
    const sent = await engine.explain(sql).catch(() => undefined);
    context.fail({
      ...difference,
      expected: `${sql} (${mode}): ${difference.expected}`,
      ...(sent !== undefined && { statement: sent }),
    });
  }
  return true;
}

async function answer(engine: EngineSession, sql: string, mode: AnswerMode): Promise<Answer> {
  try {
    return await engine.query(sql, mode);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function compare({ compare: way }: SqlQuestion, found: Answer, reference: Answer) {
  if ('error' in found || 'error' in reference) {
    if ('error' in found && 'error' in reference) return undefined;
    return {
      expected: 'error' in reference ? `an error: ${reference.error}` : 'an answer',
      found: 'error' in found ? found.error : 'an answer',
    };
  }
  const [left, right] = [found.schema, reference.schema];
  const isEqual =
    left.fields.length === right.fields.length &&
    left.fields.every((each, index) => fieldsEqual(each, right.fields[index]!));
  if (!isEqual) return { expected: describeSchema(right), found: describeSchema(left) };
  return way === 'ordered' ? compareInOrder(found.rows, reference.rows) : compareMultisets(found.rows, reference.rows);
}
