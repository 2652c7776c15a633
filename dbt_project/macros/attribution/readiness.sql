{#- Criteria that a single month fulfils: column, the threshold, and whether that is a maximum. -#}
{% macro readiness_criteria() -%}
    {{ return({
        "tagged_ratio": (var("chargeback_tagged_ratio"), false),
        "unallocated_ratio": (var("chargeback_unallocated_ratio"), true),
        "gap_ratio": (var("chargeback_gap_ratio"), true),
    }) }}
{%- endmacro %}

{#-
    Steps of `rpt_chargeback_readiness`, from its step `measured`: `criteria`, a row each, of the
    newest month that is over; counted are months in a row, from that one back.
-#}
{% macro readiness_steps() -%}
runs as (

    select
        max(month) as month,
        count(*) as months,
        -- what is unknown does not hold
        min(nth_newest) filter (where not coalesce(
            {%- for column, (threshold, is_at_most) in readiness_criteria().items() %}
            {{ "and " if not loop.first }}{{ column }}
            {{ "<=" if is_at_most else ">=" }} {{ threshold }}
            {%- endfor %}, false
        )) as first_unstable,
        min(nth_newest) filter (where not is_closed) as first_open
    from measured

),

newest as (

    select * from measured where nth_newest = 1

),

criteria as (

    select
        'tagged_share' as criterion, month, tagged_ratio as value,
        {{ var("chargeback_tagged_ratio") }} as threshold, false as is_at_most,
        'of the estimate of calls names a feature, and a tenant: the smaller share' as detail,
        'ask who owns the largest keys without a tag: outlay unattributed' as cure
    from newest
    union all
    select
        'unallocated_share', month, unallocated_ratio, {{ var("chargeback_unallocated_ratio") }},
        true, 'of what is charged falls on no cost centre',
        'name homes in config/org.csv, and rules for shared cost in config/allocation.csv'
    from newest
    union all
    select
        'tie_out', month, gap_ratio, {{ var("chargeback_gap_ratio") }}, true,
        'of settled bills is not explained by priced calls, or the reverse',
        'find the cause: rpt_tie_out, by the largest gap'
    from newest
    union all
    select
        'stable_months', month, coalesce(first_unstable - 1, months),
        {{ var("chargeback_months") }}, false,
        'months in a row hold the three criteria above',
        'keep them for as many months; a month that fails begins anew'
    from runs
    where month is not null
    union all
    select
        'closed_months', month, coalesce(first_open - 1, months), {{ var("chargeback_months") }},
        false, 'months in a row, up to the newest that is over, are closed',
        'close them in order: outlay close'
    from runs
    where month is not null

),
{%- endmacro %}
