{#-
    How a model becomes a relation, in one transaction of few statements. dbt-duckdb builds beside
    the old relation, renames both and drops one; DuckDB replaces in place, and a reader of the
    file sees the old relation until the commit. Whatever is cut off leaves the old one.

    They know what models of this project configure: hooks inside the transaction, strategy
    `append`, `on_schema_change: fail`; tests/house/test_models.py refuses anything else.
-#}

{% materialization table, adapter="duckdb" -%}
    {%- set relation = this.incorporate(type="table") -%}
    {%- do in_one_transaction(replace_relation(relation)) -%}
    {{ return({"relations": [relation]}) }}
{%- endmaterialization %}

{% materialization view, adapter="duckdb" -%}
    {%- set relation = this.incorporate(type="view") -%}
    {%- do in_one_transaction(replace_relation(relation)) -%}
    {{ return({"relations": [relation]}) }}
{%- endmaterialization %}

{#- The pre-hook deletes what is about to be computed; this appends it. -#}
{% materialization incremental, adapter="duckdb" -%}
    {%- set relation = this.incorporate(type="table") -%}
    {#- asked for whoever prepares: these are the statements of a table that is there -#}
    {%- set make = append_rows if built_before(this.schema, this.name) else replace_relation -%}
    {%- do in_one_transaction(make(relation)) -%}
    {{ return({"relations": [relation]}) }}
{%- endmaterialization %}

{#- The first statement, hook or not, begins the transaction. -#}
{% macro in_one_transaction(statements) -%}
    {%- if is_preparing() -%}
        {%- set told = [] -%}
        {%- for hook in pre_hooks -%}{%- do told.append(render(hook.sql) | trim) -%}{%- endfor -%}
        {%- do told.append(statements | trim) -%}
        {%- for hook in post_hooks -%}{%- do told.append(render(hook.sql) | trim) -%}{%- endfor -%}
        {%- do tell_runner({"statements": told | select | list}) -%}
        {%- call noop_statement("main", "prepared") -%}{%- endcall -%}
    {%- else -%}
        {%- do run_hooks(pre_hooks) -%}
        {%- call statement("main") -%}{{ statements }}{%- endcall -%}
        {%- do run_hooks(post_hooks) -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
{%- endmacro %}

{#- A relation made anew with its comments, whatever stood under its name. -#}
{% macro replace_relation(relation) -%}
    {%- set former = load_cached_relation(relation) -%}
    {#- whoever runs what is prepared knows what stands there by then -#}
    {%- if former is not none and former.type != relation.type and not is_preparing() -%}
        {%- do adapter.cache_dropped(former) -%}
        drop {{ former.type }} {{ former }};
    {%- endif %}
    create or replace {{ relation.type }} {{ relation }} as
    {%- if relation.is_table and config.get("contract").enforced %}
    {#- the columns stand in the order of the contract; one that it lacks is refused below #}
    {%- set columns = model.columns | join(", ") %}
    select {{ columns }}, * exclude ({{ columns }}) from (
        {{ compiled_code }}
    );
    {%- else %}
    {{ compiled_code }}
    ;
    {%- endif %}
    {%- if config.get("contract").enforced %}
    {#- a table tells its types at once; to ask the model would plan it twice #}
    {{ assert_same_columns(
        relation, "describe " ~ get_empty_schema_sql(model.columns), "the contract"
    ) }}
    {%- endif %}
    {{ comments(relation) }}
{%- endmacro %}

{#- Rows of the model added to its table, which was made as its contract says. -#}
{% macro append_rows(relation) -%}
    {{ assert_same_columns(
        "select * from (" ~ compiled_code ~ ")", "describe " ~ relation,
        "the table, which a full refresh makes anew,"
    ) }}
    insert into {{ relation }} by name
    {{ compiled_code }}
    ;
{%- endmacro %}

{#- An error that names each column of `given` that is not as `described`, in name or type. -#}
{% macro assert_same_columns(given, described, whose) -%}
    select case when count(*) > 0 then error(
        '{{ model.name }}: ' || string_agg(
            column_name || ' is ' || coalesce(given.column_type, 'missing')
            || ', in {{ whose }} ' || coalesce(wanted.column_type, 'missing'), '; '
        )
    ) end
    from (describe {{ given }}) as given
    full join ({{ described }}) as wanted using (column_name)
    where given.column_type is distinct from wanted.column_type;
{%- endmacro %}
