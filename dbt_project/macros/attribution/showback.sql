{#-
    A relation with `feature` and `team_tag`, and whose it is on the row's day: the team, which the
    org tree gives the feature, else the tag names, and its cost centre. DECISIONS.md, `team`.
-#}
{% macro placed_in_org(relation, day="utc_day") -%}
    (
        select
            placed.*,
            coalesce(features.team, placed.team_tag) as team,
            teams.cost_centre
        from {{ relation }} as placed
        left join {{ ref("dim_org") }} as features
            on features.kind = 'feature'
            and placed.feature = features.name
            and placed.{{ day }} >= features.valid_from
            and placed.{{ day }} < features.valid_to
        left join {{ ref("dim_org") }} as teams
            on teams.kind = 'team'
            and coalesce(features.team, placed.team_tag) = teams.name
            and placed.{{ day }} >= teams.valid_from
            and placed.{{ day }} < teams.valid_to
    )
{%- endmacro %}

{#- Predicate: the row's month of showback must be computed in this run. -#}
{% macro in_showback_months(column="month") -%}
    {%- set months = ref("int_showback_months") -%}
    {%- if not execute or not built_before("marts", "fct_showback") -%}
        true
    {%- else -%}
        {{ column }} in (select month from {{ months }})
    {%- endif -%}
{%- endmacro %}

{#- Pre-hook of a mart kept by month of showback: the months about to be computed make room. -#}
{% macro delete_showback_months() -%}
    {%- set months = ref("int_showback_months") -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }} where month in (select month from {{ months }})
    {%- endif -%}
{%- endmacro %}
