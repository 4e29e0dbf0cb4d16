import {
  DuckDBArrayType,
  DuckDBListType,
  DuckDBMapType,
  DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBUnionType,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api';

/**
 * The type that a table function hands rows over in, from which DuckDB casts to `type`; the very same object where no cast is
 * needed.
 *
 * BIT, BIGNUM and TIMETZ travel as text in Arrow and have private layouts in DuckDB; JSON is checked by the cast; a column of
 * nulls alone has no layout at all.
 */
export function carrierType(type: DuckDBType): DuckDBType {
  switch (type.typeId) {
    case DuckDBTypeId.BIT:
    case DuckDBTypeId.BIGNUM:
    case DuckDBTypeId.TIME_TZ:
      return VARCHAR;
    case DuckDBTypeId.VARCHAR:
      return type.alias === undefined ? type : VARCHAR;
    case DuckDBTypeId.SQLNULL:
      return INTEGER;
    case DuckDBTypeId.LIST: {
      const valueType = carrierType(type.valueType);
      return valueType === type.valueType ? type : new DuckDBListType(valueType);
    }
    case DuckDBTypeId.ARRAY: {
      const valueType = carrierType(type.valueType);
      return valueType === type.valueType ? type : new DuckDBArrayType(valueType, type.length);
    }
    case DuckDBTypeId.MAP: {
      const keyType = carrierType(type.keyType);
      const valueType = carrierType(type.valueType);
      return keyType === type.keyType && valueType === type.valueType ? type : new DuckDBMapType(keyType, valueType);
    }
    case DuckDBTypeId.STRUCT: {
      const types = type.entryTypes.map(carrierType);
      return isSame(types, type.entryTypes) ? type : new DuckDBStructType(type.entryNames, types);
    }
    case DuckDBTypeId.UNION: {
      const types = type.memberTypes.map(carrierType);
      return isSame(types, type.memberTypes) ? type : new DuckDBUnionType(type.memberTags, types);
    }
    default:
      return type;
  }
}

function isSame(types: readonly DuckDBType[], others: readonly DuckDBType[]): boolean {
  return types.every((type, index) => type === others[index]);
}
