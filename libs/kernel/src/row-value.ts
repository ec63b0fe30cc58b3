/**
 * A value of a row record, in the shape that every room shares:
 * string for Avro `string`; number for `int`, `float`, `double` and `date` (days since 1970-01-01); bigint for `long`, `timestamp-micros`
 * (microseconds since the Unix epoch) and `decimal` (the unscaled value; the scale is the schema's); boolean. Of a field that holds a list (Avro `array`) these are the members.
 */
export type RowItem = string | number | bigint | boolean;

export type RowValue = RowItem | readonly RowItem[] | null;

/** A row record: dictionary field name to value. Always a record with every field of its schema present. */
export type Row = Record<string, RowValue>;
