{#-
    A relation with `amount` added: its exact amounts in whole cents that sum, in every whole, to
    the whole's `total`. Each amount is rounded down, and the cents that are left over go to the
    largest remainders. None is off by a cent or more as long as the total is its rows' sum,
    rounded; a total of several roundings may take or give all rows some cents more. A row of 0
    gets a cent last.

    rows: a relation with `exact`, negative ones too, and `total` (whole cents, the same in all rows
    of a whole); `whole`: columns that name a whole; `ties`: columns that name a row within it, by
    which equal remainders are told apart.
-#}
{% macro whole_cents(rows, whole, ties, total, exact="exact_usd", amount="amount_usd") -%}
    {%- set keys = whole | join(", ") -%}
    (
        select
            * exclude (floor_cents, remainder, left_over, left_over_rest, rows_of_whole, place),
            cast(
                cast(
                    floor_cents + (left_over - left_over_rest) // rows_of_whole
                    + case when place <= left_over_rest then 1 else 0 end as decimal(26, 0)
                ) * cast(0.01 as decimal(2, 2)) as decimal(18, 2)
            ) as {{ amount }}
        from (
            select
                *,
                cast({{ total }} * 100 as hugeint)
                    - sum(floor_cents) over (partition by {{ keys }}) as left_over,
                count(*) over (partition by {{ keys }}) as rows_of_whole,
                ((left_over % rows_of_whole) + rows_of_whole) % rows_of_whole as left_over_rest,
                row_number() over (
                    partition by {{ keys }}
                    order by remainder desc, {{ exact }} = 0
                    {%- for column in ties %}, {{ column }} asc nulls last{% endfor %}
                ) as place
            from (
                select
                    *,
                    cast(floor({{ exact }} * 100) as hugeint) as floor_cents,
                    {{ exact }} * 100 - floor({{ exact }} * 100) as remainder
                from {{ rows }}
            ) as in_cents
        ) as ranked
    )
{%- endmacro %}
