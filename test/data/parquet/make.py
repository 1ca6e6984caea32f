"""Writes the Parquet files of this folder, which DuckDB does not write itself: pip install pyarrow==26.0.1; python make.py

Each has the offline layout's `customer_id` and `event_time`, five rows, of which the first and the third are of "gone".
"""

import datetime as dt
import decimal as dc

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

IDS = pa.array(["gone", "a", "gone", "b", "c"])
TIMES = pa.array(["2025-01-01T00:00:00Z"] * 5)
DAYS = [dt.date(2025, 1, 1), dt.date(1, 1, 1), None, dt.date(9999, 12, 31), dt.date(1969, 12, 31)]
INSTANTS = [day and dt.datetime.combine(day, dt.time(23, 59, 59, 999999)) for day in DAYS]
SECONDS = [instant and instant.replace(microsecond=0) for instant in INSTANTS]
AMOUNTS = [dc.Decimal("1.25"), dc.Decimal("-2.50"), None, dc.Decimal("0.01"), dc.Decimal("9.99")]
LIST = [[1], [], [2], [1, None], None]


def table(**columns):
    return pa.table({"customer_id": IDS, "event_time": TIMES, **columns})


def write(name, content, **options):
    pq.write_table(content, f"{name}.parquet", **options)


write(
    "kept",
    table(
        day=pa.array(DAYS),
        at=pa.array(INSTANTS, pa.timestamp("us")),
        at_utc=pa.array(INSTANTS, pa.timestamp("us", "UTC")),
        at_second=pa.array(SECONDS, pa.timestamp("ms")),
        small=pa.array(AMOUNTS, pa.decimal128(9, 2)),
        large=pa.array(AMOUNTS, pa.decimal128(18, 2)),
        tags=pa.array(LIST, pa.list_(pa.int64())),
        nested=pa.array([[["x"]], [[]], None, [["y", None], None], []], pa.list_(pa.list_(pa.string()))),
        place=pa.array([{"lat": 1.5, "names": ["n"]}, None, None, {"lat": -0.0, "names": []}, {"lat": None, "names": None}]),
        labels=pa.array([[("k", 1)], [], None, [("a", None)], [("x", 2), ("y", 3)]], pa.map_(pa.string(), pa.int64())),
        ratio=pa.array([0.0, -0.0, 0.0, float("nan"), float("-inf")], pa.float32()),
        number=pa.array([1, 2**63 - 1, None, -(2**63), 0]),
        counter=pa.array([1, 2**64 - 1, None, 0, 1], pa.uint64()),
        raw=pa.array([b"", b"\xff\x00", None, b"", b"x"]),
        text=pa.array(["", "é\U0001f600", None, "", "x"]),
    ).replace_schema_metadata({"owner": "team 'x' é", "empty": ""}),
    compression="zstd",
    store_decimal_as_integer=True,
    use_dictionary=False,
    column_encoding={"number": "DELTA_BINARY_PACKED", "text": "DELTA_BYTE_ARRAY", "ratio": "BYTE_STREAM_SPLIT"},
    data_page_version="2.0",
    row_group_size=2,
)
write("int96", table(at=pa.array(INSTANTS, pa.timestamp("us"))), use_deprecated_int96_timestamps=True)
write("bytes-decimal", table(amount=pa.array(AMOUNTS, pa.decimal128(9, 2))))
write("old-lists", table(tags=pa.array(LIST, pa.list_(pa.int64()))), use_compliant_nested_type=False)
write("utc-millis", table(at=pa.array(SECONDS, pa.timestamp("ms", "UTC"))))
write("fixed-bytes", table(code=pa.array([b"abcd"] * 5, pa.binary(4))))
write("two-codecs", table(), compression={"customer_id": "zstd", "event_time": "snappy"})
write("sorted", table(), sorting_columns=[pq.SortingColumn(0)])
write("no-key", table().replace_schema_metadata({"": "value"}))
write("number-id", table().set_column(0, "customer_id", pa.array([42, 1, 42, 2, 3])))
write("required", table().cast(pa.schema([pa.field("customer_id", pa.string(), nullable=False), pa.field("event_time", pa.string())])))
write(
    "field-ids",
    table().cast(pa.schema([pa.field("customer_id", pa.string(), metadata={"PARQUET:field_id": "7"}), pa.field("event_time", pa.string())])),
)


class Keys(pe.KmsClient):
    """Keys that are no secret: what matters is that the reader has none."""

    def __init__(self, _config):
        super().__init__()

    def wrap_key(self, key, _name):
        return key.hex().encode()

    def unwrap_key(self, key, _name):
        return bytes.fromhex(key.decode())


def encrypted(name, **options):
    factory = pe.CryptoFactory(Keys)
    config = pe.EncryptionConfiguration(footer_key="f", column_keys={"c": ["event_time"]}, **options)
    properties = factory.file_encryption_properties(pe.KmsConnectionConfig(), config)
    with pq.ParquetWriter(f"{name}.parquet", table().schema, encryption_properties=properties) as writer:
        writer.write_table(table())


encrypted("encrypted-footer")
encrypted("encrypted-column", plaintext_footer=True)
