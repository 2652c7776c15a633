{#-
    Looks of experiments that are due: the data reach them. An even distance lies between two, and
    the last stands at the deadline.
-#}
{% macro due_looks() -%}
    select looks.*
    from (
        select
            experiments.*,
            cast(numbers.look as integer) as look,
            experiments.z_bounds[cast(numbers.look as integer)] as bound_ratio,
            experiments.valid_from + to_seconds(
                datediff('second', experiments.valid_from, experiments.valid_to) * numbers.look
                // experiments.looks
            ) as look_at
        from {{ ref("stg_workspace__experiments") }} as experiments
        cross join range(1, 32) as numbers (look)
        where numbers.look <= experiments.looks
    ) as looks
    cross join {{ ref("stg_lake__run_context") }} as run
    where looks.look_at <= run.as_of_day
{%- endmacro %}

{#-
    Predicate: the experiment must be judged anew. A look has come, the registration is another,
    or tasks closed or changed within it.
-#}
{% macro is_experiment_to_judge() -%}
    {%- if not execute or not is_incremental() -%}
        true
    {%- else -%}
        (experiment, candidate) in (
            select (experiment, candidate)
            from ({{ due_looks() }}) as looks
            where (experiment, candidate, look, registration) not in (
                select (judged.experiment, judged.candidate, judged.look, judged.registration)
                from {{ this }} as judged
            )
            union all
            select (experiments.experiment, experiments.candidate)
            from {{ ref("stg_workspace__experiments") }} as experiments
            -- the calendar of reports may be a day off
            inner join {{ ref("int_close_dates_to_rebuild") }} as dates
                on dates.closed_date between cast(experiments.valid_from as date) - 1
                    and cast(experiments.valid_to as date) + 1
        )
    {%- endif -%}
{%- endmacro %}

{#- Pre-hook: experiments that are judged anew, or registered no more, make room. -#}
{% macro delete_experiments_to_judge() -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }}
        where {{ is_experiment_to_judge() }}
            or (experiment, candidate) not in (
                select (experiment, candidate) from {{ ref("stg_workspace__experiments") }}
            )
    {%- endif -%}
{%- endmacro %}
