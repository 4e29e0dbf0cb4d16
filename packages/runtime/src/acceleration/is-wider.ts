import { type DataType, FloatPrecision, TypeId } from '@millrace/core';

/** Whether a type holds every value of another one of its kind exactly, and is not the same one. */
export function isWider(type: DataType, than: DataType): boolean {
  switch (than.typeId) {
    case TypeId.Int:
      return type.typeId === TypeId.Int && holdsIntegers(type, than);
    case TypeId.Float:
      return type.typeId === TypeId.Float && precisionOf(type) > precisionOf(than);
    case TypeId.Decimal:
      return type.typeId === TypeId.Decimal && holdsDecimals(type, than);
    case TypeId.Utf8:
      return type.typeId === TypeId.LargeUtf8;
    case TypeId.Binary:
      return type.typeId === TypeId.LargeBinary;
    default:
      return false;
  }
}

function holdsIntegers(type: DataType, than: DataType): boolean {
  const [bits, thanBits] = [type.bitWidth ?? 32, than.bitWidth ?? 32];
  const [isSigned, thanIsSigned] = [type.isSigned ?? true, than.isSigned ?? true];
  return bits > thanBits && (isSigned || !thanIsSigned);
}

function holdsDecimals(type: DataType, than: DataType): boolean {
  const scaleGain = (type.scale ?? 0) - (than.scale ?? 0);
  const digitGain = (type.precision ?? 38) - (than.precision ?? 38) - scaleGain;
  const widthGain = (type.bitWidth ?? 128) - (than.bitWidth ?? 128);
  return scaleGain >= 0 && digitGain >= 0 && widthGain >= 0 && scaleGain + digitGain + widthGain > 0;
}

function precisionOf({ precision }: DataType): number {
  return precision ?? FloatPrecision.Double;
}
