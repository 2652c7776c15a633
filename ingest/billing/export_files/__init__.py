"""Bills that are files of rows: CSV and Parquet exports, typed and staged in SQL."""
