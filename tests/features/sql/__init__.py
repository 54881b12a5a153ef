"""Features once more, in SQL over the Parquet files: shares nothing with the code that it judges."""
