{#-
    dbt reads the column types of a unit test's inputs off the relations they stand for. An
    ephemeral model has none: this names the columns of those that unit tests put in, a canonical
    table's (if any) and their own, and leaves the rest to dbt.
-#}
{% macro get_fixture_sql(rows, column_name_to_data_types) -%}
    {%- set stated_by = {"feature_stated_by": "varchar", "tenant_stated_by": "varchar"} -%}
    {%- set ephemeral = {
        "int_calls_deduplicated": ("gateway_calls", {"copies": "bigint"}),
        "int_calls_cache_hits_inferred":
            ("gateway_calls", {"asks_gateway_cache": "boolean", "copies": "bigint"}),
        "int_calls_attributed": ("gateway_calls", {
            "asks_gateway_cache": "boolean", "copies": "bigint", "attribution_rule": "bigint",
        }),
        "int_calls_in_traces": ("gateway_calls", {
            "same_call": "varchar", "is_restated": "boolean", "restated_day": "date",
            "restated_call": "varchar", "restates_one_call": "boolean",
        }),
        "int_calls_numbered": ("gateway_calls", {
            "copy_number": "bigint", "copies": "bigint", "same_call": "varchar",
            "is_restated": "boolean", "restated_day": "date", "restated_call": "varchar",
            "restates_one_call": "boolean",
        }),
        "int_usage_current": ("billing_usage", {}),
        "int_task_superseded": (none, {
            "task_id": "varchar", "superseded_estimate_usd": "decimal(28, 9)",
            "superseded_reported_usd": "decimal(28, 9)",
        }),
    } -%}
    {%- if model.name not in ephemeral -%}
        {{ return(dbt.get_fixture_sql(rows, column_name_to_data_types)) }}
    {%- endif -%}
    {%- set table, types = ephemeral[model.name] -%}
    {%- if table == "gateway_calls" -%}{%- do types.update(stated_by) -%}{%- endif -%}
    {%- if table -%}
        {%- set contract = api.Relation.create(target.database, "raw", table) -%}
        {%- for column in adapter.get_columns_in_relation(contract) -%}
            {%- do types.update({column.name: column.data_type}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for row in rows or [{}] -%}
        {%- set stated = format_row(row, types) -%}
        select
        {%- for name, data_type in types.items() %}
            {{ stated.get(name, "cast(null as " ~ data_type ~ ")") }} as {{ name }}
            {{- "," if not loop.last }}
        {%- endfor %}
        {{ "union all" if not loop.last }}
    {% endfor -%}
    {{ "limit 0" if not rows }}
{%- endmacro %}
