{#-
    A relation with `share_usd` added: what a part gets of its whole by largest remainder, so that
    the parts of a whole sum to it to the last digit. Every charge that someone pays is split here;
    what only explains an amount, cause by cause, is cut in order (`running_part`).

    parts: one row per part, with `amount_usd` (of its whole, the same in all its parts) and
        `weight` (HUGEINT, 0 or more, one above 0 in every whole).
    whole: columns that name a whole; `ties`: columns that name a part within it, by which equal
        remainders are told apart, so that the result does not depend on the order of rows.

    Money is cut into units of 10^-12 dollars. A share of units is a long division in two
    steps, dollars first: exact for 10^12 dollars and weights that sum to 8 * 10^25. A negative
    whole is split as a positive one.
-#}
{% macro largest_remainder(parts, whole, ties) -%}
    {%- set keys = whole | join(", ") -%}
    {%- set unit = "1000000000000" -%}
    (
        select
            * exclude (units, total_weight, dollars_rest, floor_units, remainder, left_over, place),
            cast(
                sign(amount_usd)
                * cast(floor_units + case when place <= left_over then 1 else 0 end
                    as decimal(26, 0))
                * cast(0.000000000001 as decimal(12, 12)) as decimal(28, 12)
            ) as share_usd
        from (
            select
                *,
                units - sum(floor_units) over (partition by {{ keys }}) as left_over,
                row_number() over (
                    partition by {{ keys }}
                    order by remainder desc
                    {%- for column in ties %}, {{ column }} asc nulls last{% endfor %}
                ) as place
            from (
                select
                    *,
                    (units // {{ unit }}) * weight % total_weight as dollars_rest,
                    (units // {{ unit }}) * weight // total_weight * {{ unit }}
                        + (dollars_rest * {{ unit }} + units % {{ unit }} * weight) // total_weight
                        as floor_units,
                    (dollars_rest * {{ unit }} + units % {{ unit }} * weight) % total_weight
                        as remainder
                from (
                    select
                        *,
                        cast(abs(amount_usd) * {{ unit }} as hugeint) as units,
                        cast(sum(weight) over (partition by {{ keys }}) as hugeint)
                            as total_weight
                    from {{ parts }}
                ) as in_units
            ) as divided
        ) as ranked
    )
{%- endmacro %}
