{#-
    Every bill line that was ever delivered, and whether it counts. A view, so older versions can be
    queried and cost nothing; whoever asks for some days reads those days of the lake only, because
    the engine pushes a filter by `utc_day` below the window.
-#}
{{ config(materialized="view") }}

with charges as (

    select * from {{ ref("stg_billing__charges") }}

),

newest_deliveries as (

    select source_name, scope, delivery, as_of
    from {{ ref("stg_lake__deliveries") }}
    where table_name = 'billing_charges'
    qualify row_number() over (
        partition by source_name, scope
        order by as_of desc nulls last, {{ numbers_in_order("delivery") }} desc, delivery desc
    ) = 1

),

placed as (

    select
        charges.*,
        -- one delivery has one time, also when its manifest came later than its first file
        coalesce(newest_deliveries.as_of, charges.x_as_of) as delivered_as_of,
        -- a delivery that states a whole scope replaces older ones, days that it lacks included
        newest_deliveries.delivery is null
        or newest_deliveries.delivery = coalesce(charges.x_delivery, charges.source_file)
            as is_in_newest_delivery
    from charges
    left join newest_deliveries
        on charges.source_name = newest_deliveries.source_name
        and charges.x_scope = newest_deliveries.scope

),

ranked as (

    select
        *,
        {{ version_rank("delivered_as_of", within="is_in_newest_delivery") }} as version_rank,
        {{ has_whole() }} as has_whole
    from placed

),

final as (

    select
        * exclude (delivered_as_of, is_in_newest_delivery, version_rank, has_whole),
        is_in_newest_delivery and version_rank = 1
            and not (has_whole and x_whole_key is not null)
            and not coalesce(x_is_empty, false) as is_current
    from ranked

)

select * from final
