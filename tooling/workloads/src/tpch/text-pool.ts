import { createRandom, type Random } from '../random/random.ts';
import {
  ADJECTIVES,
  ADVERBS,
  AUXILIARIES,
  NOUN_PHRASES,
  NOUNS,
  PREPOSITIONS,
  SENTENCES,
  TERMINATORS,
  VERB_PHRASES,
  VERBS,
  type Weighted,
} from './grammar.ts';
import type { TextColumn } from './text-column.ts';

/** Sentences from which comments are cut out, as dbgen does it. */
export interface TextPool {
  /** Appends a piece of `min` to `max` characters to the current value of a column. */
  writeComment(column: TextColumn, random: Random, length: { readonly min: number; readonly max: number }): void;
}

const POOL_BYTES = 4 * 1024 * 1024;

const pools = new Map<number, Uint8Array>();

/** The pool of a seed, made once per process: 4 MiB of text. */
export function createTextPool(seed: number): TextPool {
  const bytes = pools.get(seed) ?? writePool(seed);
  pools.clear();
  pools.set(seed, bytes);
  return {
    writeComment(column, random, { min, max }) {
      const length = random.integer(min, max);
      const start = random.next() % (POOL_BYTES - length);
      column.slice(bytes, start, start + length);
    },
  };
}

function writePool(seed: number): Uint8Array {
  const random = createRandom(seed, 'text pool');
  const writeSentence = createSentenceWriter(random);
  const parts: string[] = [];
  let length = 0;
  while (length < POOL_BYTES) {
    const sentence = `${writeSentence()} `;
    parts.push(sentence);
    length += sentence.length;
  }
  return new TextEncoder().encode(parts.join('')).slice(0, POOL_BYTES);
}

function createSentenceWriter(random: Random): () => string {
  const sentence = createWeightedPick(SENTENCES, random);
  const nounPhrase = createWeightedPick(NOUN_PHRASES, random);
  const verbPhrase = createWeightedPick(VERB_PHRASES, random);
  const words: Readonly<Record<string, () => string>> = {
    n: createWeightedPick(NOUNS, random),
    v: createWeightedPick(VERBS, random),
    j: createWeightedPick(ADJECTIVES, random),
    d: createWeightedPick(ADVERBS, random),
    x: createWeightedPick(AUXILIARIES, random),
  };
  const preposition = createWeightedPick(PREPOSITIONS, random);
  const terminator = createWeightedPick(TERMINATORS, random);
  const fill = (phrase: string) => phrase.replace(/[nvjdx]/g, (kind) => words[kind]?.() ?? '');
  return () =>
    sentence()
      .replace(' T', terminator)
      .replace(/[NVP]/g, (kind) => {
        if (kind === 'V') return fill(verbPhrase());
        return kind === 'N' ? fill(nounPhrase()) : `${preposition()} the ${fill(nounPhrase())}`;
      });
}

function createWeightedPick(choices: Weighted, random: Random): () => string {
  const slots = choices.flatMap(([text, weight]) => new Array<string>(weight).fill(text));
  return () => random.pick(slots);
}
