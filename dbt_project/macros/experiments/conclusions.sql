{#- Tasks of each variant below which nothing is concluded: too few for a normal distribution. -#}
{% macro fewest_tasks() -%}30{%- endmacro %}

{#-
    What looks conclude, of sums by variant (0 control, 1 candidate).

    A look takes the candidate back where its success rate is lower by more than the margin and the
    confidence sequence excludes that it is as good, where its calls' error rate is above the
    control's by more than its margin the same way, where more of its tasks than of the control's
    are slower than the control's p95 times its limit (then its own p95 is), where its cost per
    success is beyond the limit all along the sequence, where it has cost what it may, or where the
    deadline comes without proof. It ships it where success, and cost where there is a goal, are
    proven at the look's bound.
-#}
{% macro concluded(sides) -%}
    with estimates as (

        select
            *,
            p_1 - p_0 as difference,
            sqrt({{ rate_variance(0) }} + {{ rate_variance(1) }}) as difference_se,
            q_1 - q_0 as error_difference,
            sqrt({{ rate_variance(0, "e", "k", "q") }} + {{ rate_variance(1, "e", "k", "q") }})
                as error_se,
            r_1 - r_0 as slow_difference,
            sqrt({{ rate_variance(0, "x", "t", "r") }} + {{ rate_variance(1, "x", "t", "r") }})
                as slow_se,
            {{ growth(ratio("c_0", "s_0"), ratio("c_1", "s_1")) }} as log_cost,
            sqrt({{ log_cost_variance(0) }} + {{ log_cost_variance(1) }}) as log_cost_se,
            {{ sequence_width("case when n_0 < n_1 then n_0 else n_1 end", "planned_tasks") }}
                as width,
            n_0 >= {{ fewest_tasks() }} and n_1 >= {{ fewest_tasks() }} as is_enough
        from {{ sides }}

    ),

    proofs as (

        select
            *,
            case when is_enough then (difference + {{ unrounded("success_margin") }})
                / nullif(difference_se, 0) end as success_z,
            case when is_enough then (ln({{ unrounded("cost_goal") }}) - log_cost)
                / nullif(log_cost_se, 0) end as cost_z
        from estimates

    ),

    reasons as (

        select
            *,
            case
                when is_enough and difference < -{{ unrounded("success_margin") }}
                    and difference + width * difference_se < 0 then 'success_lost'
                when is_enough and error_difference > {{ unrounded("error_margin") }}
                    and error_difference - width * error_se > 0 then 'too_many_errors'
                when is_enough and p95_limit is not null
                    and slow_difference - width * slow_se > 0 then 'too_slow'
                when is_enough and log_cost - width * log_cost_se
                    > ln({{ unrounded("cost_limit") }}) then 'too_dear'
                when c_1 >= cost_cap_usd then 'cost_cap'
                when success_z >= bound_ratio and (cost_goal is null or cost_z >= bound_ratio)
                    then 'proven'
                when look = looks then 'deadline'
            end as reason
        from proofs

    )

    select
        experiment,
        candidate,
        look,
        look_at,
        registration,
        {{ as_count("n_0") }} as control_tasks,
        {{ as_count("n_1") }} as candidate_tasks,
        p_0 as control_success_ratio,
        p_1 as candidate_success_ratio,
        difference as success_difference_ratio,
        difference - width * difference_se as success_low_ratio,
        difference + width * difference_se as success_high_ratio,
        success_z as success_z_ratio,
        {{ usd_per("c_0", "s_0") }} as control_cost_per_success_usd,
        {{ usd_per("c_1", "s_1") }} as candidate_cost_per_success_usd,
        cast(c_1 as decimal(28, 9)) as candidate_usd,
        exp(log_cost) as cost_ratio,
        exp(log_cost - width * log_cost_se) as cost_low_ratio,
        exp(log_cost + width * log_cost_se) as cost_high_ratio,
        cost_z as cost_z_ratio,
        q_0 as control_error_ratio,
        q_1 as candidate_error_ratio,
        error_difference - width * error_se as error_low_ratio,
        error_difference + width * error_se as error_high_ratio,
        cast(control_ms * 0.001 as decimal(18, 3)) as control_p95_seconds,
        cast(candidate_ms * 0.001 as decimal(18, 3)) as candidate_p95_seconds,
        -- share of slow tasks beyond that of the control, of those that take too long
        slow_difference - width * slow_se as slow_low_ratio,
        bound_ratio,
        {{ as_count("unpriced_tasks_0 + unpriced_tasks_1") }} as unpriced_tasks,
        case when reason = 'proven' then 'ship'
            when reason is not null then 'roll_back' end as decision,
        reason
    from reasons
{%- endmacro %}
