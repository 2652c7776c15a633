{#-
    Publish events of each feature of some calls, those of everybody among them, and until when
    each was the newest.
-#}
{% macro publishes_by_feature(events, calls) -%}
    select
        features.feature,
        events.source_version,
        events.occurred_at,
        coalesce(
            lead(events.occurred_at) over (
                partition by features.feature order by events.occurred_at, events.event_id
            ),
            timestamp '9999-12-31'
        ) as next_at
    from (select distinct coalesce(feature, '') as feature from {{ calls }}) as features
    inner join {{ events }} as events
        on events.change_kind = 'publish'
        and coalesce(events.feature, features.feature) = features.feature
{%- endmacro %}

{#-
    Predicate: the day's cached answers are judged in this run. What is published, or told of late,
    makes answers stale from its day on.
-#}
{% macro days_of_cached_answers() -%}
    {%- if not execute or not is_incremental() -%}
        true
    {%- else -%}
        (
            {{ in_days(changed_days(["gateway_calls"]), "utc_day") }}
            or utc_day >= (
                select min(utc_day) from {{ source("raw", "changed_days") }}
                where table_name = 'change_events'
            )
        )
    {%- endif -%}
{%- endmacro %}

{#- Pre-hook: those days make room. -#}
{% macro delete_days_of_cached_answers() -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }} where {{ days_of_cached_answers() }}
    {%- endif -%}
{%- endmacro %}
