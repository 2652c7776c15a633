"""The dbt project as pipelines see it: the only importer of dbt."""
