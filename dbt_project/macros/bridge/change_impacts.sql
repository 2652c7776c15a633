{#-
    Which impacts a run measures again: of changes near closing days that it computes again, for a
    closing day is in the shifts of the week around it, and those are the yardstick of changes
    within 45 days; and of changes within a week of one that came or went. With `margin`, of changes
    so many days further off too: whom they are compared with.
-#}
{% macro only_impacts_to_rebuild(margin=0) -%}
    (
        {{ only_around_days_to_rebuild("changed_date", 52 + margin, 52 + margin) }}
        or {{ only_changed_days(["change_events"], around=8 + margin) }}
    )
{%- endmacro %}

{% macro delete_impacts_to_rebuild() -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }} where {{ only_impacts_to_rebuild() }}
    {%- endif -%}
{%- endmacro %}

{#-
    The change that explains a driver between two periods: of the causes in them that moved it the
    same way, that of the most dollars. It must be of a feature that the member's tasks are of: what
    a release did to invoices explains no contract.

    `slices`: a relation with the features of each `dimension` and `member`.
-#}
{% macro change_events_of(effects, slices) -%}
    select
        effects.dimension,
        effects.member,
        effects.measure,
        effects.driver,
        effects.first_date,
        effects.end_date,
        arg_max(causes.change_event, (abs(causes.total_effect_usd), causes.change_event))
            as change_event
    from {{ effects }} as effects
    inner join {{ slices }} as slices
        on effects.dimension = slices.dimension and effects.member = slices.member
    inner join {{ ref("fct_change_impacts") }} as causes
        on effects.driver = causes.driver
        and slices.feature = causes.feature
        and causes.is_cause
        and causes.changed_date >= effects.first_date
        and causes.changed_date < effects.end_date
        and sign(causes.effect_usd) = sign(effects.effect_usd)
    group by all
{%- endmacro %}
