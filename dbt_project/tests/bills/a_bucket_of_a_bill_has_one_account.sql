-- Two organizations in one inbox folder would replace each other's days. To cure it, give each a
-- folder of its own with its `account` in the source's settings.

select
    source_name,
    utc_day,
    x_restatement_key,
    min(billing_account_id) as one_account,
    max(billing_account_id) as another_account
from {{ ref("stg_billing__charges") }}
where {{ on_days_of_run(["billing_charges"]) }}
group by source_name, utc_day, x_restatement_key
having min(billing_account_id) <> max(billing_account_id)
