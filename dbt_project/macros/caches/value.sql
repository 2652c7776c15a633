{#- What a cache is worth. Rules: DECISIONS.md, `net_saving_usd and verdict`. -#}

{#-
    What wrong semantic hits cost, by month and model: failures of closed tasks beyond those of the
    month's tasks of their type and feature without such a hit, at what a success of these costs.
    Fewer failures of one feature are set off against more of another, and never below 0.
-#}
{% macro extra_failures_by_month(tasks) -%}
    with months as (

        select
            {{ month_of("closed_date") }} as month,
            task_type,
            feature,
            has_semantic_hit,
            provider,
            model_id,
            sum(successes + failures) as tasks,
            sum(failures) as failures,
            {{ usd_per("sum(estimate_usd)", "sum(successes)") }} as cost_per_success_usd
        from {{ tasks }}
        group by
            {{ month_of("closed_date") }}, task_type, feature, has_semantic_hit, provider, model_id

    )

    select
        hits.month,
        hits.provider,
        hits.model_id,
        cast(greatest(0, sum(
            (hits.failures - hits.tasks * {{ ratio("others.failures", "others.tasks") }})
            * others.cost_per_success_usd
        )) as decimal(28, 9)) as extra_failures_usd
    from months as hits
    inner join months as others
        on hits.month = others.month
        and hits.task_type = others.task_type
        and hits.feature = others.feature
        and not others.has_semantic_hit
    where hits.has_semantic_hit
    group by hits.month, hits.provider, hits.model_id
{%- endmacro %}

{#-
    Hit ratio from which on it pays. Of a prefix the share that reads must be, for the writes that
    were made, to save what these cost; of answers every one, or none where they cost more than they
    save: wrong ones come with the hits.
-#}
{% macro cache_break_even() -%}
    case
        when layer = 'prefix'
            then {{ ratio("hits * write_premium_usd", "lookups * saved_usd") }}
        when net_saving_usd >= 0 then 0
    end
{%- endmacro %}

{% macro cache_verdict() -%}
    case
        when net_saving_usd > 0 then 'saves'
        when net_saving_usd < 0 then 'costs money'
        when net_saving_usd = 0 then 'breaks even'
        else 'no data'
    end
{%- endmacro %}
