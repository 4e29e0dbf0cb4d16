import { type DataType, dataTypes, type Expr, FloatPrecision, TypeId } from '@millrace/core';
import { axisOfPlanType, axisOfType, unitRatio } from './axis.ts';
import { asNode, asNodes, indexOf, type PlanNode, textOf } from './plan-json.ts';

/** A value of a plan in terms of the table's own columns. */
export interface Operand {
  /** The value without its casts: a comparison moves the constant to the column's type instead. */
  readonly expr: Expr;
  /** The type that the plan gives the value, casts included. */
  readonly planType: PlanNode;
  /** False where the engine orders the values by something that the Arrow type does not show. */
  readonly ordered: boolean;
  /** True after a cast to DATE: the constant means a whole day. */
  readonly floored: boolean;
  /** The same value as an expression of exactly the plan's type, where the vocabulary can say it. */
  readonly typed: Expr | undefined;
}

/** Gives the operand behind a bound reference, or undefined where it is not a value of the table's columns. */
export type ResolveReference = (index: number) => Operand | undefined;

/** The operand of a column or struct field, or undefined where the Arrow values are not those that the engine compares. */
export function columnOperand(
  path: readonly [string, ...string[]],
  type: DataType,
  planType: PlanNode,
): Operand | undefined {
  const expr: Expr = { kind: 'column', path, type };
  const typeName = textOf(planType, 'id') ?? '';
  if (!isFaithful(valueType(type), planType)) {
    return { expr, planType: OPAQUE, ordered: false, floored: false, typed: undefined };
  }
  return {
    expr,
    planType,
    ordered: typeName !== 'ENUM',
    floored: false,
    typed: typeName === 'ENUM' ? undefined : expr,
  };
}

/** The type of the values: a dictionary's own, every other type itself. */
export function valueType(type: DataType): DataType {
  return type.typeId === TypeId.Dictionary && type.dictionary !== undefined ? type.dictionary : type;
}

export function isText(type: DataType): boolean {
  return type.typeId === TypeId.Utf8 || type.typeId === TypeId.LargeUtf8;
}

/** Stands for a type of which nothing but NULL is understood. */
const OPAQUE: PlanNode = { id: 'OPAQUE' };

/** Whether an Arrow value and the engine's value of it are the same thing (a BIT travels as text, for example, and is not). */
function isFaithful(type: DataType, planType: PlanNode): boolean {
  switch (textOf(planType, 'id')) {
    case 'BOOLEAN':
      return type.typeId === TypeId.Bool;
    case 'VARCHAR':
    case 'ENUM':
      return isText(type);
    case 'BLOB':
      return (
        type.typeId === TypeId.Binary || type.typeId === TypeId.LargeBinary || type.typeId === TypeId.FixedSizeBinary
      );
    case 'UUID':
      return type.typeId === TypeId.FixedSizeBinary && type.byteWidth === 16;
    case 'FLOAT':
      return type.typeId === TypeId.Float && type.precision !== FloatPrecision.Double;
    case 'DOUBLE':
      return type.typeId === TypeId.Float && type.precision === FloatPrecision.Double;
    case 'STRUCT':
      return type.typeId === TypeId.Struct;
    default: {
      const axis = axisOfType(type);
      const planAxis = axisOfPlanType(planType);
      return axis !== undefined && planAxis !== undefined && unitRatio(planAxis, axis) !== undefined;
    }
  }
}

/** A field of a struct-valued operand; names match as in the engine, without regard to ASCII case. */
export function structField(operand: Operand, name: string): Operand | undefined {
  const { expr } = operand;
  if (expr.kind !== 'column' || expr.type.typeId !== TypeId.Struct) return undefined;
  const wanted = name.toLowerCase();
  const fields = (expr.type.children ?? []).filter((child) => child.name.toLowerCase() === wanted);
  const types = asNodes(asNode(operand.planType.type_info)?.child_types).filter(
    (child) => (textOf(child, 'first') ?? '').toLowerCase() === wanted,
  );
  const [field] = fields;
  const planType = asNode(types[0]?.second);
  if (fields.length !== 1 || types.length !== 1 || field === undefined || planType === undefined) return undefined;
  return columnOperand([...expr.path, field.name], field.type, planType);
}

/** Reads a cast that loses nothing, or one to DATE; undefined for every other cast, since it could raise or round. */
export function castOperand(inner: Operand, planType: PlanNode): Operand | undefined {
  if (inner.floored) return undefined;
  const from = textOf(inner.planType, 'id') ?? '';
  const to = textOf(planType, 'id') ?? '';
  if (from === 'ENUM') return to === 'VARCHAR' ? { ...inner, planType } : undefined;
  if (to === 'FLOAT' || to === 'DOUBLE') return castToFloat(inner, planType);
  const source = axisOfPlanType(inner.planType);
  const target = axisOfPlanType(planType);
  if (source === undefined || target === undefined) return undefined;
  if (unitRatio(target, source) !== undefined) return { ...inner, planType, typed: widenedInteger(inner, to) };
  if (to === 'DATE' && unitRatio(source, target) !== undefined) {
    return { ...inner, planType, floored: true, typed: undefined };
  }
  return undefined;
}

function castToFloat(inner: Operand, planType: PlanNode): Operand | undefined {
  const { type } = inner.expr;
  const isDouble = textOf(planType, 'id') === 'DOUBLE';
  const target = isDouble ? dataTypes.float64() : dataTypes.float32();
  if (inner.typed === undefined) return undefined;
  const typed: Expr = { kind: 'call', function: 'cast', args: [inner.typed], type: target };
  if (type.typeId === TypeId.Float) return isDouble ? { ...inner, expr: typed, planType, typed } : undefined;
  // 2^53 and 2^24: every integer below has a floating-point number of its own.
  if (type.typeId !== TypeId.Int || (type.bitWidth ?? 64) > (isDouble ? 32 : 16)) return undefined;
  return { ...inner, planType, typed };
}

const INTEGER_TYPES: Readonly<Record<string, DataType>> = {
  TINYINT: dataTypes.int8(),
  SMALLINT: dataTypes.int16(),
  INTEGER: dataTypes.int32(),
  BIGINT: dataTypes.int64(),
  UTINYINT: dataTypes.uint8(),
  USMALLINT: dataTypes.uint16(),
  UINTEGER: dataTypes.uint32(),
  UBIGINT: dataTypes.uint64(),
};

/** The cast of an integer to one that holds all its values, or undefined. */
function widenedInteger(inner: Operand, to: string): Expr | undefined {
  const target = INTEGER_TYPES[to];
  const source = inner.typed?.type;
  if (target === undefined || inner.typed === undefined || source?.typeId !== TypeId.Int) return undefined;
  const spare = (target.bitWidth ?? 0) - (source.bitWidth ?? 64);
  const holds = source.isSigned === target.isSigned ? spare >= 0 : target.isSigned === true && spare > 0;
  return holds ? { kind: 'call', function: 'cast', args: [inner.typed], type: target } : undefined;
}

/** Reads the value of a bound expression that cannot raise; constants are not operands. */
export function readOperand(node: PlanNode | undefined, resolve: ResolveReference): Operand | undefined {
  switch (textOf(node, 'expression_class')) {
    case 'BOUND_REF': {
      const index = indexOf(node?.index);
      return index === undefined ? undefined : resolve(index);
    }
    case 'BOUND_CAST': {
      const inner = readOperand(asNode(node?.child), resolve);
      const planType = asNode(node?.return_type);
      return inner === undefined || planType === undefined ? undefined : castOperand(inner, planType);
    }
    case 'BOUND_FUNCTION':
      return node === undefined ? undefined : readFunction(node, resolve);
    default:
      return undefined;
  }
}

function readFunction(node: PlanNode, resolve: ResolveReference): Operand | undefined {
  const [first, second, ...rest] = asNodes(node.children);
  const inner = readOperand(first, resolve);
  const planType = asNode(node.return_type);
  if (inner === undefined || planType === undefined || rest.length > 0) return undefined;
  switch (textOf(node, 'name')) {
    case 'struct_extract':
    case 'array_extract': {
      const constant = asNode(second?.value);
      const name = constant?.value;
      return typeof name === 'string' && textOf(asNode(constant?.type), 'id') === 'VARCHAR'
        ? structField(inner, name)
        : undefined;
    }
    case 'lower':
    case 'upper':
    case 'length':
      return second === undefined
        ? textFunction(inner, textOf(node, 'name') as 'lower' | 'upper' | 'length', planType)
        : undefined;
    default:
      return undefined;
  }
}

function textFunction(inner: Operand, name: 'lower' | 'upper' | 'length', planType: PlanNode): Operand | undefined {
  if (inner.typed === undefined || textOf(inner.planType, 'id') !== 'VARCHAR') return undefined;
  const type = name === 'length' ? dataTypes.int64() : dataTypes.utf8();
  const expr: Expr = { kind: 'call', function: name, args: [inner.typed], type };
  return { expr, planType, ordered: true, floored: false, typed: expr };
}
