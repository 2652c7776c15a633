{#-
    Unit cost of closed tasks by period, dimension and member on every basis: estimate, reported,
    and by month `charge`, what bills charge the same tasks. Cost per success is compared with the
    period before, the one a year before, and the middle member (`benchmark`).
-#}
{% macro unit_cost_on_every_basis() -%}
with periods as (

    select * from {{ ref("fct_unit_cost_periods") }}

),

billed as (

    {{ task_charges_by("closed_month", dimensions_of_bills()) }}

),

-- what is known of single tasks only, waste and margin, no bill says
on_the_bill as (

    select
        periods.* exclude (
            task_margin_usd, baseline_saving_usd, waste_usd, waste_ratio, evaluation_usd
        ) replace (
            'charge' as cost_basis,
            cast(billed.charge_usd + billed.unbilled_usd as decimal(28, 9)) as cost_usd,
            {% for count in ["tasks_closed", "successes"] -%}
            {{ usd_per("billed.charge_usd + billed.unbilled_usd", "periods." ~ count) }}
                as cost_per_{{ {"tasks_closed": "task", "successes": "success"}[count] }}_usd
            {{- "," if not loop.last }}
            {% endfor %}
        )
    from periods
    inner join billed
        on periods.period_start = billed.month
        and periods.dimension = billed.dimension
        and periods.member = billed.member
    where periods.period_grain = 'month' and periods.cost_basis = 'estimate'

),

bases as (

    select * from periods
    union all by name
    select * from on_the_bill

),

shown as (

    select
        * exclude ({% for part in waste_parts() %}{{ part }}_usd
        {%- if part != "judged_neutral" %}, {{ part }}_tasks{% endif %}
        {{- ", " if not loop.last }}{% endfor %}),
        -- of an even number the cheaper one: a figure that some member has
        quantile_disc(cost_per_success_usd, 0.5) over (
            partition by period_grain, period_start, dimension, cost_basis
        ) as benchmark_per_success_usd
    from bases

),

final as (

    select
        shown.* exclude (benchmark_per_success_usd),
        coalesce(keys.key_alias, shown.member) as member_name,
        {{ beside_others("shown.cost_per_success_usd", {
            "previous": "before.cost_per_success_usd",
            "year_before": "year_before.cost_per_success_usd",
            "benchmark": "shown.benchmark_per_success_usd",
        }, "_per_success_usd") }}
    from shown
    {{ join_earlier_periods("shown", "shown", ["dimension", "member", "cost_basis"]) }}
    left join {{ ref("dim_keys") }} as keys
        on shown.dimension = 'key' and shown.member = keys.api_key_id

)

select
    period_grain,
    period_start,
    dimension,
    member,
    member_name,
    cost_basis,
    * exclude (period_grain, period_start, dimension, member, member_name, cost_basis)
from final
{%- endmacro %}
