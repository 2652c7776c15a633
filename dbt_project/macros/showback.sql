{#-
    A relation with `feature` and `team`, its team as the org tree has it on the row's day, else its
    own, and the cost centre of that team.
-#}
{% macro placed_in_org(relation, day="utc_day") -%}
    (
        select
            placed.* replace (coalesce(features.team, placed.team) as team),
            teams.cost_centre
        from {{ relation }} as placed
        left join {{ ref("dim_org") }} as features
            on features.kind = 'feature'
            and placed.feature = features.name
            and placed.{{ day }} >= features.valid_from
            and placed.{{ day }} < features.valid_to
        left join {{ ref("dim_org") }} as teams
            on teams.kind = 'team'
            and coalesce(features.team, placed.team) = teams.name
            and placed.{{ day }} >= teams.valid_from
            and placed.{{ day }} < teams.valid_to
    )
{%- endmacro %}

{#-
    Months of showback that this run computes again: those with a changed bill, call, place in the
    org tree, or closed task.
-#}
{% macro showback_months() -%}
    {%- set query -%}
        select cast({{ month_of("utc_day") }} as varchar) as month
        from {{ source("raw", "changed_days") }}
        where table_name in ('gateway_calls', 'billing_charges', 'org_units')
        union
        select cast({{ month_of("closed_date") }} as varchar) as month
        from {{ ref("int_closed_days_touched") }}
        order by 1
    {%- endset -%}
    {%- set months = [] -%}
    {%- for row in run_query(query) -%}
        {%- do months.append("date '" ~ row[0] ~ "'") -%}
    {%- endfor -%}
    {{ return(months) }}
{%- endmacro %}

{#- Predicate: the row's month of showback must be computed in this run. -#}
{% macro in_showback_months(column="month") -%}
    {%- if not execute or not built_before("marts", "fct_showback") -%}
        true
    {%- else -%}
        {{ in_days(showback_months(), column) }}
    {%- endif -%}
{%- endmacro %}

{#- Pre-hook of a mart kept by month of showback: the months about to be computed make room. -#}
{% macro delete_showback_months() -%}
    {%- if execute and is_incremental() -%}
        {%- set months = showback_months() -%}
        {%- if months -%}
            delete from {{ this }} where month in ({{ months | join(", ") }})
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Columns that say who pays. -#}
{% macro payers(relation=none) -%}
    {%- for column in ["cost_centre", "team", "feature", "tenant_id"] -%}
        {{ relation ~ "." if relation }}{{ column }}{{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
