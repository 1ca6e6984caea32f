"""What both generations of the SDK ingest: every type, and values that are missing."""

import pandas as pd


def a_frame(rows):
    return pd.DataFrame(
        {
            "customer_id": pd.Series([f"c{n}" for n in range(rows)], dtype="string"),
            "event_time": pd.Series([1_700_000_000.0 + n for n in range(rows)], dtype="float64"),
            "orders": pd.Series(range(rows), dtype="int64"),
            "spend": pd.Series([n / 4 if n % 3 else None for n in range(rows)], dtype="float64"),
        }
    )
