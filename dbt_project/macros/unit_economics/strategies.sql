{#-
    Alternatives beside what each is compared with. Rules: DECISIONS.md, `further_success_usd`.
-#}

{#-
    What an alternative stands beside: a strategy beside the cheapest one by the task that somebody
    could choose and that has been tried often enough, anything else beside the one below it.
-#}
{% macro compared_with() -%}
    case
        when comparison = 'strategy' then first_value(alternative) over (
            partition by comparison, task_type, feature
            order by is_choice and n >= {{ fewest_tasks() }} desc,
                {{ unrounded("c", "t") }} nulls last, alternative
        )
        when comparison = 'step' then 'to stop'
        else lag(alternative) over (
            partition by comparison, task_type, feature order by position
        )
    end
{%- endmacro %}

{#- Alternatives beside what they are compared with, and what a success of the feature is worth. -#}
{% macro compared_sides(placed, features) -%}
    select
        own.comparison,
        own.task_type,
        own.feature,
        own.alternative,
        own.position,
        own.compared_with,
        own.is_choice,
        own.comparison = 'step' as is_beside_nothing,
        coalesce(own.alternative = own.compared_with, own.compared_with is null)
            and own.comparison <> 'step' as is_baseline,
        own.further_samples_usd,
        own.unpriced_calls,
        features.worth_usd,
        {% for name in unit_sums() -%}
        {{ unrounded("own." ~ name) }} as {{ name }}_1,
        {{ unrounded("case when own.comparison <> 'step' then other." ~ name
            ~ (" else features." ~ name if name in ("c", "s")) ~ " end") }} as {{ name }}_0
        {{- "," if not loop.last }}
        {% endfor %}
    from {{ placed }} as own
    inner join {{ features }} as features
        on own.task_type = features.task_type and own.feature = features.feature
    left join {{ placed }} as other
        on own.comparison = other.comparison
        and own.task_type = other.task_type
        and own.feature = other.feature
        and own.compared_with = other.alternative
    where own.position > 1 or own.comparison <> 'step'
{%- endmacro %}

{#- The columns of `rpt_strategies`. -#}
{% macro compared_strategies(sides) -%}
    select
        comparison,
        task_type,
        feature,
        alternative,
        position,
        compared_with,
        is_choice,
        {{ as_count("t_1") }} as tasks,
        {{ as_count("s_1") }} as successes,
        p_1 as success_ratio,
        cast(c_1 as decimal(28, 9)) as estimate_usd,
        {{ usd_per("c_1", "t_1") }} as usd_per_task,
        {{ usd_per("c_1", "s_1") }} as cost_per_success_usd,
        -- a vote beside its own first samples
        case when further_samples_usd > 0
            then {{ ratio("c_1", "c_1 - further_samples_usd") }} end as multiplier_ratio,
        {% for bound in ["", "_low", "_high"] -%}
        cast(case when not is_baseline then extra{{ bound }} end as decimal(28, 9))
            as extra{{ bound }}_usd,
        {% endfor -%}
        {% for bound in ["", "_low", "_high"] -%}
        case when not is_baseline then gained{{ bound }} end as gained{{ bound }}_ratio,
        {% endfor -%}
        {% for usd, gain, bound in [
            ("extra", "gained", ""), ("greatest(extra_low, 0)", "gained_high", "_low"),
            ("extra_high", "gained_low", "_high"),
        ] -%}
        -- what gains next to nothing has no price, and what costs less is no purchase
        case when not is_baseline and extra >= 0 and {{ gain }} > 0.000001
            then {{ usd_per(usd, gain) }} end as further_success{{ bound }}_usd,
        {% endfor -%}
        worth_usd,
        case when is_baseline then 'baseline' else {{ marginal_verdict() }} end as verdict,
        {{ as_count("unpriced_calls") }} as unpriced_calls
    from ({{ marginal_values(sides) }}) as compared
{%- endmacro %}
