import type { LiteralLike } from '@millrace/arrow';
import { type DataType, FloatPrecision } from '@millrace/core';
import { kindOf } from '../queries/value-kind.ts';

/**
 * Values near those of a column, on which sources disagree with the engine: another case, no accents, a space behind, one unit more or
 * less, NaN and the infinities. Never out of the type's range.
 */
export function sampleVariants(type: DataType, samples: readonly LiteralLike[]): readonly LiteralLike[] {
  const known = new Set<unknown>(samples);
  const variants: LiteralLike[] = [];
  for (const variant of [...alwaysOf(type), ...samples.slice(0, 40).flatMap((sample) => variantsOf(type, sample))]) {
    if (known.has(variant)) continue;
    known.add(variant);
    variants.push(variant);
  }
  return variants;
}

function alwaysOf(type: DataType): readonly LiteralLike[] {
  if (kindOf(type) === 'float') return [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0];
  return kindOf(type) === 'text' ? ['', ' ', '%', '_', '\\', "'", 'a', 'A', 'chata', 'aarhus'] : [];
}

function variantsOf(type: DataType, sample: LiteralLike): readonly LiteralLike[] {
  switch (kindOf(type)) {
    case 'text': {
      const text = sample as string;
      const plain = text.normalize('NFD').replace(/\p{M}/gu, '');
      return [text.toUpperCase(), text.toLowerCase(), `${text} `, text.trimEnd(), plain];
    }
    case 'integer': {
      const bits = BigInt(type.bitWidth ?? 64);
      return [-1n, 1n]
        .map((step) => BigInt(sample as number | bigint) + step)
        .filter((value) => (type.isSigned === false ? BigInt.asUintN : BigInt.asIntN)(Number(bits), value) === value)
        .map((value) => (bits === 64n ? value : Number(value)));
    }
    case 'decimal': {
      const end = 10n ** BigInt(type.precision ?? 38);
      return [-1n, 1n].map((step) => (sample as bigint) + step).filter((value) => value < end && value > -end);
    }
    case 'float': {
      const value = (sample as number) * 1.5;
      return [type.precision === FloatPrecision.Single ? Math.fround(value) : value];
    }
    default:
      return [];
  }
}
