{{ config(materialized="ephemeral") }}

with charges as (

    select *
    from {{ ref("stg_billing__charges") }}
    where {{ in_changed_days(["billing_charges"], "fct_charges") }}

),

ranked as (

    select
        *,
        -- a newer answer replaces a whole bucket; without its time, the later file name does
        dense_rank() over (
            partition by utc_day, source_name, x_restatement_key
            order by x_as_of desc nulls last, coalesce(x_delivery, source_file) desc
        ) as version_rank
    from charges

)

select * exclude (version_rank) from ranked
where version_rank = 1
