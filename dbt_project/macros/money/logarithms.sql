{#- Growth of a quantity between two periods, as a logarithm: NULL where it is 0 in one of them. -#}
{% macro growth(before, after) -%}
    case when {{ before }} > 0 and {{ after }} > 0
        then ln(cast({{ after }} as double) / cast({{ before }} as double)) end
{%- endmacro %}

{#-
    Logarithmic mean of two amounts above 0, (a - b) / ln(a / b), which lies between them: the
    change of an amount is its mean times its growth. Near each other the quotient loses its
    digits, and either is the mean.
-#}
{% macro logarithmic_mean(before, after) -%}
    case
        when abs({{ after }} - {{ before }}) <= 1e-12 * {{ before }} then {{ before }}
        else ({{ after }} - {{ before }}) / ln({{ after }} / {{ before }})
    end
{%- endmacro %}

{#- Money per thing before it is rounded, for logarithms alone. -#}
{% macro unrounded(usd, count=none) -%}
    cast({{ usd }} as double){% if count %} / nullif({{ count }}, 0){% endif %}
{%- endmacro %}

{#-
    What a sum of doubles sums, so that the order of its rows does not show: doubles added in
    another order differ in their last digits, and by one unit where those are rounded.
-#}
{% macro in_any_order(amount) -%}
    cast({{ amount }} as decimal(38, 15))
{%- endmacro %}

{#- Growth of an amount, both sides padded: between two near 0 there is next to none. -#}
{% macro padded_growth(before, after, padding) -%}
    ln(({{ after }} + {{ padding }}) / ({{ before }} + {{ padding }}))
{%- endmacro %}

{#- Growth of one quantity beside another, of columns that end in their side, 0 and 1. -#}
{% macro ratio_growth(numerator, denominator) -%}
    {{ growth(
        ratio(numerator ~ "_0", denominator ~ "_0"), ratio(numerator ~ "_1", denominator ~ "_1")
    ) }}
{%- endmacro %}

{#-
    Half width of a confidence sequence in standard errors, at `tasks` of each variant: whoever
    looks at any time errs in 2.5 % of experiments on a side. It is narrowest at half of what was
    planned. Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, arXiv 2103.06476.
-#}
{% macro sequence_width(tasks, planned) -%}
    {#- -2 ln(2 alpha) + ln(1 - 2 ln(2 alpha)) at alpha 0.025, over half of the plan -#}
    {%- set nu = "(15.872 * " ~ tasks ~ " / " ~ planned ~ ")" -%}
    sqrt(2 * ({{ nu }} + 1) / {{ nu }} * ln(1 + sqrt({{ nu }} + 1) / 0.05))
{%- endmacro %}

{#-
    Buckets that grow by a constant factor g = 51/49: bucket i holds what is above g^(i-1) and up to
    g^i, and its middle is within 2 % of all of it (DDSketch, Masson et al. 2019). What is below 1
    is in the first.
-#}
{% macro log_bucket(expression) -%}
    cast(ceil(
        ln(cast(greatest({{ expression }}, 1) as double)) / (ln(51) - ln(49))
    ) as integer)
{%- endmacro %}

{#- Middle of such a bucket: 2 g^i / (g + 1). -#}
{% macro log_bucket_middle(bucket) -%}
    0.98 * exp(cast({{ bucket }} as double) * (ln(51) - ln(49)))
{%- endmacro %}

{#-
    Half width of a 95 % interval in standard errors that `units` units made: Student's t with one
    degree of freedom fewer, by its expansion around the normal (Abramowitz and Stegun 26.7.5):
    3.179 for 3.182 with four units, and nearer with more.
-#}
{% macro interval_width(units) -%}
    {%- set v = "nullif(" ~ units ~ " - 1, 0)" -%}
    (1.959964 + 2.372271 / {{ v }} + 2.822499 / power({{ v }}, 2)
        + 2.555850 / power({{ v }}, 3) + 1.589534 / power({{ v }}, 4))
{%- endmacro %}

{#-
    How far so many found among so many trials are from chance, where `usual` of them are: minus the
    logarithm of a bound on the probability of as many or more (Chernoff's); 0 up to the usual.
-#}
{% macro tail_exponent(found, trials, usual) -%}
    {%- set others = "(" ~ trials ~ " - " ~ found ~ ")" -%}
    case when {{ found }} <= {{ trials }} * {{ usual }} then 0 else
        {{ found }} * ln({{ found }} / nullif(cast({{ trials }} * {{ usual }} as double), 0))
        + case when {{ others }} = 0 then 0 else
            {{ others }} * ln({{ others }} / cast({{ trials }} * (1 - {{ usual }}) as double)) end
    end
{%- endmacro %}

{#- What it must exceed for 2.5 % of error over all of so many comparisons (Bonferroni). -#}
{% macro tail_bound(comparisons) -%}
    ln(cast({{ comparisons }} as double) / 0.025)
{%- endmacro %}
