-- Which unit prices on bills differ from the price book, and what did that come to?
-- Where bill and calls count the same tokens. is_drift: beyond `price_drift_tolerance`.
select
    month,
    provider,
    model,
    token_class,
    book_usd_per_mtok,
    billed_usd_per_mtok,
    drift_ratio,
    price_usd,
    is_drift
from reports.rpt_price_drift
order by abs(price_usd) desc, month, provider, model, token_class;
