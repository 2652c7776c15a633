{#-
    Joins that find who acts on a driver in a feature, both SQL; `owner_name()` is his name: the row
    of `config/owners.csv` that names driver and feature, else the driver, else `any` driver of the
    feature, else `any`.
-#}
{% macro join_owners(driver, feature) -%}
    {%- for name, (of_driver, of_feature) in {
        "of_both": (driver, "= " ~ feature),
        "of_driver": (driver, "is null"),
        "of_feature": ("'any'", "= " ~ feature),
        "of_all": ("'any'", "is null"),
    }.items() -%}
    left join {{ ref("dim_driver_owners") }} as {{ name }}
        on {{ name }}.driver = {{ of_driver }} and {{ name }}.feature {{ of_feature }}
    {% endfor %}
{%- endmacro %}

{% macro owner_name() -%}
    coalesce(of_both.owner, of_driver.owner, of_feature.owner, of_all.owner)
{%- endmacro %}

{#-
    Effects with their share of the change, the change event that explains it, and the owner of the
    driver. Nobody answers for a residual.

    `effects`: a relation with `dimension`, `member`, `measure`, `driver`, `feature` (NULL:
    several), `effect_usd`, both values, and `first_date`, `end_date`: where changes are looked for.
    `slices`: as `change_events_of` takes them.
-#}
{% macro owned_effects(effects, slices) -%}
    select
        effects.* exclude (feature, first_date, end_date),
        cast(effects.current_usd - effects.previous_usd as decimal(28, 9)) as change_usd,
        {{ ratio("effects.current_usd - effects.previous_usd", "effects.previous_usd") }}
            as change_ratio,
        {{ ratio("effects.effect_usd", "effects.current_usd - effects.previous_usd") }} as share,
        case when effects.driver <> 'residual' then {{ owner_name() }} end as owner,
        explained.change_event
    from {{ effects }} as effects
    left join ({{ change_events_of(effects, slices) }}) as explained
        on effects.dimension = explained.dimension
        and effects.member = explained.member
        and effects.measure = explained.measure
        and effects.driver = explained.driver
        and effects.first_date = explained.first_date
        and effects.end_date = explained.end_date
    {{ join_owners("effects.driver", "effects.feature") }}
{%- endmacro %}

{#-
    The same bridge between any two periods, as a table macro of the published file:

        from reports.cost_bridge('2026-08-01', '2026-09-01', '2026-10-01', '2026-11-01',
            of_feature := 'chat')

    The four dates: the earlier period's first day and the day after its last, then the later's.
-#}
{% macro create_cost_bridge() -%}
    create or replace macro {{ this.schema }}.cost_bridge(
        earlier_from, earlier_to, later_from, later_to,
        of_task_type := null, of_feature := null, of_tenant := null
    ) as table (
        with sides as (

            select
                'all' as dimension,
                'all' as member,
                case when closed_date >= cast(later_from as date)
                    and closed_date < cast(later_to as date) then 1 else 0 end as side,
                costs.*
            from {{ ref("fct_task_costs_daily") }} as costs
            where (
                (closed_date >= cast(earlier_from as date)
                    and closed_date < cast(earlier_to as date))
                or (closed_date >= cast(later_from as date)
                    and closed_date < cast(later_to as date))
            )
            and task_type = coalesce(of_task_type, task_type)
            and feature = coalesce(of_feature, feature)
            and tenant_id = coalesce(of_tenant, tenant_id)

        ),

        bridge as (

            {{ cost_bridge_select("sides", ["dimension", "member"], bridge_measures()) }}

        ),

        effects as (

            select
                *,
                cast(of_feature as varchar) as feature,
                cast(earlier_from as date) as first_date,
                cast(later_to as date) as end_date
            from bridge

        ),

        slices as (

            select distinct dimension, member, feature from sides

        ),

        final as (

            {{ owned_effects("effects", "slices") }}

        )

        select * exclude (dimension, member) from final
    )
{%- endmacro %}
