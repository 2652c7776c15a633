{#-
    Effects as decimals that sum to the change of their measure, to the last digit, and a driver
    `residual`.

    effects: one row a comparison and driver, with `effect`, not rounded, and the measure's
        `previous_usd` and `current_usd`; whole: columns that name a comparison.

    In units of 10^-9 dollars each effect is rounded, and what is then missing of the change goes
    unit by unit to those that rounding moved most, never to a driver that moved nothing. Doubles
    may miss a part in 10^9 of the amounts, and the two measures were rounded themselves; more than
    that is no rounding: it stands as `residual`, and a data test fails.
-#}
{% macro whole_effects(effects, whole) -%}
    {%- set keys = whole | join(", ") -%}
    (
        with rounded as (

            select
                *,
                {{ unrounded("effect") }} * 1000000000 as exact_units,
                cast(round({{ unrounded("effect") }} * 1000000000) as hugeint) as units,
                cast((current_usd - previous_usd) * 1000000000 as hugeint) as change_units,
                cast((current_usd + previous_usd) * 1000000000 as hugeint) // 1000000000 + 2
                    as noise_units
            from {{ effects }}

        ),

        missed as (

            select
                *,
                change_units - sum(units) over (partition by {{ keys }}) as missed_units,
                abs(change_units - sum(exact_units) over (partition by {{ keys }})) <= noise_units
                    as is_noise,
                greatest(count(*) filter (where effect <> 0) over (partition by {{ keys }}), 1)
                    as movers
            from rounded

        ),

        placed as (

            select
                * replace (case when is_noise then missed_units else 0 end as missed_units),
                case when is_noise then 0 else missed_units end as residual_units,
                row_number() over (
                    partition by {{ keys }}
                    order by
                        effect = 0 asc,
                        sign(missed_units) * (exact_units - units) desc,
                        driver asc
                ) as place
            from missed

        ),

        shared as (

            select
                * replace (
                    case when place > movers then units
                        else units + missed_units // movers
                            + case when place <= abs(missed_units % movers)
                                then sign(missed_units) else 0 end
                    end as units
                )
            from placed

        ),

        final as (

            select {{ keys }}, driver, previous_usd, current_usd, units from shared
            union all
            select distinct
                {{ keys }}, 'residual' as driver, previous_usd, current_usd,
                residual_units as units
            from shared

        )

        select
            * exclude (units),
            cast(cast(units as decimal(26, 0)) * cast(0.000000001 as decimal(9, 9))
                as decimal(28, 9)) as effect_usd
        from final
    )
{%- endmacro %}
