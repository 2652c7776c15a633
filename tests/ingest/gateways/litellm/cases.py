"""What each line of LiteLLM's 58 sample attempts says, worked out by hand from the raw JSON.

`-` is NULL. Input tokens are `prompt_tokens` less the cached ones; no line writes a cache or has
audio. A failure's tokens and cost are 0 unless the stream broke midway; 0.0 for the tokens of a
model that nobody priced is NULL; a hit costs 0 and states its cost apart.
"""

from __future__ import annotations

from decimal import Decimal

CASES = {
    "provider_cache_gpt-4o-mini": [1, 2],
    "provider_cache_flaky": [3, 4],
    "failure_flaky_RateLimitError": [5, 6],
    "provider_cache_gpt-4.1": [7, 9],
    "retry_success": [8, 12],
    "fallback_success": [10, 11],
    "ok_o4-mini_acompletion_None": [13, 17],
    "autorouter": [14, 15],
    "ok_o4-mini_acompletion_True": [16, 18],
    "ok_gpt-4o-mini_acompletion_None": [19, 22],
    "ok_gpt-4o-mini_acompletion_True": [20, 24],
    "cache_hit": [21, 23],
    "cache_hit_stream": [25, 26],
    "provider_cache_claude-sonnet": [27, 28],
    "failure_flagship_RateLimitError": [29, 30],
    "failure_down_InternalServerError": [31, 32],
    "failure_ctx_ContextWindowExceededError": [33, 34],
    "failure_slow_Timeout": [35, 36],
    "failure_midabort_ReadError": [37, 38],
    "client_disconnect": [39, 40],
    "ok_gpt-4.1_acompletion_None": [41, 42],
    "ok_unpriced_acompletion_None": [43, 44],
    "ok_custom-priced_acompletion_None": [45, 46],
    "ok_mock-gpt-4o_acompletion_None": [47, 48],
    "ok_mock-gpt-4o_acompletion_True": [49],
    "failure_mock-ratelimit_RateLimitError": [50, 51],
    "failure__ProxyModelNotFoundError": [52, 53],
    "failure_gpt-4.1_Exception": [54],
    "ok_embed_aembedding_None": [55, 56],
    "failure_gpt-4.1_NotFoundError": [57, 58],
}
"""Lines by what was done to make them, as the driver of the real proxy named it."""

WHO = """
line | asked          | tenant          | feature        | task      | prompt | team
1    | gpt-4o-mini    | tenant-initech  | support_ticket | task-1-0  | v12    | Customer Support
2    | gpt-4o-mini    | tenant-initech  | support_ticket | task-1-0  | v12    | Customer Support
3    | flaky          | tenant-initech  | support_ticket | task-1-1  | v12    | Customer Support
4    | flaky          | tenant-initech  | support_ticket | task-1-1  | v12    | Customer Support
5    | flaky          | tenant-initech  | support_ticket | task-1-1  | v12    | Customer Support
6    | flaky          | tenant-initech  | support_ticket | task-1-1  | v12    | Customer Support
7    | gpt-4.1        | tenant-initech  | support_ticket | task-1-1  | v12    | Customer Support
8    | flaky          | tenant-initech  | support_ticket | task-1-1  | v12    | Customer Support
9    | gpt-4.1        | tenant-umbrella | support_ticket | task-1-2  | v12    | Customer Support
10   | gpt-4.1        | tenant-umbrella | support_ticket | task-1-2  | v12    | Customer Support
11   | gpt-4.1        | tenant-umbrella | support_ticket | task-1-2  | v12    | Customer Support
12   | flaky          | tenant-umbrella | support_ticket | task-1-2  | v12    | Customer Support
13   | o4-mini        | tenant-umbrella | support_ticket | task-1-3  | v13    | Customer Support
14   | smart-router   | tenant-initech  | invoice_match  | task-1-5  | v12    | Finance Ops
15   | smart-router   | tenant-initech  | invoice_match  | task-1-5  | v12    | Finance Ops
16   | o4-mini        | tenant-globex   | invoice_match  | task-1-11 | v12    | Finance Ops
17   | o4-mini        | tenant-globex   | invoice_match  | task-1-11 | v12    | Finance Ops
18   | o4-mini        | tenant-globex   | invoice_match  | task-1-11 | v12    | Finance Ops
19   | gpt-4o-mini    | -               | faq            | -         | -      | Customer Support
20   | gpt-4o-mini    | -               | faq            | -         | -      | Customer Support
21   | gpt-4o-mini    | -               | faq            | -         | -      | Customer Support
22   | gpt-4o-mini    | -               | faq            | -         | -      | Customer Support
23   | gpt-4o-mini    | -               | faq            | -         | -      | Customer Support
24   | gpt-4o-mini    | -               | faq            | -         | -      | Customer Support
25   | gpt-4o-mini    | -               | faq            | -         | -      | Customer Support
26   | gpt-4o-mini    | -               | faq            | -         | -      | Customer Support
27   | claude-sonnet  | tenant-initech  | invoice_match  | -         | -      | Finance Ops
28   | claude-sonnet  | tenant-initech  | invoice_match  | -         | -      | Finance Ops
29   | flagship       | -               | draft          | -         | -      | Customer Support
30   | flagship       | -               | draft          | -         | -      | Customer Support
31   | down           | -               | draft          | -         | -      | Customer Support
32   | down           | -               | draft          | -         | -      | Customer Support
33   | ctx            | -               | -              | -         | -      | Platform Eng
34   | ctx            | -               | -              | -         | -      | Platform Eng
35   | slow           | -               | -              | -         | -      | Platform Eng
36   | slow           | -               | -              | -         | -      | Platform Eng
37   | midabort       | -               | -              | -         | -      | Platform Eng
38   | midabort       | -               | -              | -         | -      | Platform Eng
39   | longstream     | -               | chat           | -         | -      | Platform Eng
40   | longstream     | -               | chat           | -         | -      | Platform Eng
41   | gpt-4.1        | -               | -              | -         | -      | -
42   | gpt-4.1        | -               | -              | -         | -      | -
43   | unpriced       | -               | -              | -         | -      | Platform Eng
44   | unpriced       | -               | -              | -         | -      | Platform Eng
45   | custom-priced  | -               | -              | -         | -      | Platform Eng
46   | custom-priced  | -               | -              | -         | -      | Platform Eng
47   | mock-gpt-4o    | -               | -              | -         | -      | Customer Support
48   | mock-gpt-4o    | -               | -              | -         | -      | Customer Support
49   | mock-gpt-4o    | -               | -              | -         | -      | Customer Support
50   | mock-ratelimit | -               | -              | -         | -      | Customer Support
51   | mock-ratelimit | -               | -              | -         | -      | Customer Support
52   | no-such-model  | -               | -              | -         | -      | Customer Support
53   | no-such-model  | -               | -              | -         | -      | Customer Support
54   | gpt-4.1        | -               | -              | -         | -      | -
55   | embed          | -               | rag_index      | -         | -      | Customer Support
56   | embed          | -               | rag_index      | -         | -      | Customer Support
57   | gpt-4.1        | -               | -              | -         | -      | Customer Support
58   | gpt-4.1        | -               | -              | -         | -      | Customer Support
"""

USAGE = """
line | provider  | served                 | in   | read | out | rsn | reported    | avoided
1    | openai    | gpt-4o-mini            | 221  | 1664 | 18  | 0   | 0.000168750 | -
2    | openai    | gpt-4o-mini            | 305  | 1664 | 18  | 0   | 0.000181350 | -
3    | openai    | gpt-4.1                | 221  | 1664 | 18  | 0   | 0.001418000 | -
4    | openai    | gpt-4.1                | 305  | 1664 | 18  | 0   | 0.001586000 | -
5    | openai    | gpt-4.1                | 0    | 0    | 0   | 0   | 0           | -
6    | openai    | gpt-4.1                | 0    | 0    | 0   | 0   | 0           | -
7    | openai    | gpt-4.1                | 388  | 1664 | 18  | 0   | 0.001752000 | -
8    | openai    | gpt-4.1                | 616  | 1664 | 18  | 0   | 0.002208000 | -
9    | openai    | gpt-4.1                | 221  | 1664 | 18  | 0   | 0.001418000 | -
10   | openai    | gpt-4.1                | 293  | 1664 | 18  | 0   | 0.001562000 | -
11   | openai    | gpt-4.1                | 377  | 1664 | 18  | 0   | 0.001730000 | -
12   | openai    | gpt-4.1                | 460  | 1664 | 74  | 0   | 0.002344000 | -
13   | openai    | o4-mini                | 1885 | 0    | 138 | 64  | 0.002680700 | -
14   | openai    | gpt-4o-mini            | 221  | 1664 | 18  | 0   | 0.000168750 | -
15   | openai    | gpt-4o-mini            | 305  | 1664 | 56  | 0   | 0.000204150 | -
16   | openai    | o4-mini                | 1885 | 0    | 146 | 128 | 0.002715900 | -
17   | openai    | o4-mini                | 1957 | 0    | 146 | 128 | 0.002795100 | -
18   | openai    | o4-mini                | 2040 | 0    | 229 | 192 | 0.003251600 | -
19   | openai    | gpt-4o-mini            | 13   | 0    | 37  | 0   | 0.000024150 | -
20   | openai    | gpt-4o-mini            | 13   | 0    | 37  | 0   | 0.000024150 | -
21   | openai    | gpt-4o-mini            | 13   | 0    | 37  | 0   | 0           | 0.000024150
22   | openai    | gpt-4o-mini            | 15   | 0    | 19  | 0   | 0.000013650 | -
23   | openai    | gpt-4o-mini            | 13   | 0    | 37  | 0   | 0           | 0.000024150
24   | openai    | gpt-4o-mini            | 15   | 0    | 56  | 0   | 0.000035850 | -
25   | openai    | gpt-4o-mini            | 15   | 0    | 56  | 0   | 0           | 0.000035850
26   | openai    | gpt-4o-mini            | 13   | 0    | 37  | 0   | 0           | 0.000024150
27   | anthropic | claude-sonnet-4-5      | 19   | 1718 | 46  | 0   | 0.001262400 | -
28   | anthropic | claude-sonnet-4-5      | 19   | 1718 | 12  | 0   | 0.000752400 | -
29   | openai    | gpt-4.1                | 0    | 0    | 0   | 0   | 0           | -
30   | openai    | gpt-4.1                | 0    | 0    | 0   | 0   | 0           | -
31   | openai    | gpt-4.1                | 0    | 0    | 0   | 0   | 0           | -
32   | openai    | gpt-4.1                | 0    | 0    | 0   | 0   | 0           | -
33   | openai    | gpt-4.1                | 0    | 0    | 0   | 0   | 0           | -
34   | openai    | gpt-4.1                | 0    | 0    | 0   | 0   | 0           | -
35   | openai    | gpt-4.1                | 0    | 0    | 0   | 0   | 0           | -
36   | openai    | gpt-4.1                | 0    | 0    | 0   | 0   | 0           | -
37   | openai    | gpt-4.1                | 11   | 0    | 10  | 0   | 0.000102000 | -
38   | openai    | gpt-4.1                | 11   | 0    | 10  | 0   | 0.000102000 | -
39   | openai    | gpt-4.1                | 11   | 0    | 9   | 0   | 0.000094000 | -
40   | openai    | gpt-4.1                | 11   | 0    | 9   | 0   | 0.000094000 | -
41   | openai    | gpt-4.1                | 9    | 0    | 5   | 0   | 0.000058000 | -
42   | openai    | gpt-4.1                | 9    | 0    | 5   | 0   | 0.000058000 | -
43   | openai    | acme-inhouse-7b        | 10   | 0    | 37  | 0   | -           | -
44   | openai    | acme-inhouse-7b        | 10   | 0    | 74  | 0   | -           | -
45   | openai    | acme-inhouse-7b-v2     | 9    | 0    | 56  | 0   | 0.000088500 | -
46   | openai    | acme-inhouse-7b-v2     | 9    | 0    | 74  | 0   | 0.000115500 | -
47   | openai    | gpt-4o                 | 10   | 0    | 20  | 0   | 0.000225000 | -
48   | openai    | gpt-4o                 | 10   | 0    | 20  | 0   | 0.000225000 | -
49   | openai    | gpt-4o                 | 10   | 0    | 9   | 0   | 0.000115000 | -
50   | openai    | gpt-4o                 | 0    | 0    | 0   | 0   | 0           | -
51   | openai    | gpt-4o                 | 0    | 0    | 0   | 0   | 0           | -
52   | -         | no-such-model          | 0    | 0    | 0   | 0   | 0           | -
53   | -         | no-such-model          | 0    | 0    | 0   | 0   | 0           | -
54   | openai    | gpt-4.1                | 0    | 0    | 0   | 0   | 0           | -
55   | openai    | text-embedding-3-small | 4    | 0    | 0   | 0   | 0.000000080 | -
56   | openai    | text-embedding-3-small | 2    | 0    | 0   | 0   | 0.000000040 | -
57   | openai    | gpt-4.1                | 0    | 0    | 0   | 0   | 0           | -
58   | openai    | gpt-4.1                | 0    | 0    | 0   | 0   | 0           | -
"""

FACTS = """
line | operation  | status  | error                      | http | est | hit | strm | rty | fbk
1    | chat       | ok      | -                          | -    | no  | no  | no   | 0   | 0
2    | chat       | ok      | -                          | -    | no  | no  | no   | 0   | 0
3    | chat       | ok      | -                          | -    | no  | no  | no   | 0   | 0
4    | chat       | ok      | -                          | -    | no  | no  | no   | 0   | 0
5    | chat       | error   | RateLimitError             | 429  | no  | no  | -    | -   | -
6    | chat       | error   | RateLimitError             | 429  | no  | no  | -    | -   | -
7    | chat       | ok      | -                          | -    | no  | no  | yes  | -   | -
8    | chat       | ok      | -                          | -    | no  | no  | no   | 1   | 0
9    | chat       | ok      | -                          | -    | no  | no  | yes  | -   | -
10   | chat       | ok      | -                          | -    | no  | no  | no   | 0   | 1
11   | chat       | ok      | -                          | -    | no  | no  | no   | 0   | 1
12   | chat       | ok      | -                          | -    | no  | no  | no   | 1   | 0
13   | chat       | ok      | -                          | -    | no  | no  | no   | 0   | 0
14   | chat       | ok      | -                          | -    | no  | no  | no   | 0   | 0
15   | chat       | ok      | -                          | -    | no  | no  | no   | 0   | 0
16   | chat       | ok      | -                          | -    | no  | no  | yes  | -   | -
17   | chat       | ok      | -                          | -    | no  | no  | no   | 0   | 0
18   | chat       | ok      | -                          | -    | no  | no  | yes  | -   | -
19   | chat       | ok      | -                          | -    | no  | no  | no   | 0   | 0
20   | chat       | ok      | -                          | -    | no  | no  | yes  | -   | -
21   | chat       | ok      | -                          | -    | no  | yes | no   | 0   | 0
22   | chat       | ok      | -                          | -    | no  | no  | no   | 0   | 0
23   | chat       | ok      | -                          | -    | no  | yes | no   | 0   | 0
24   | chat       | ok      | -                          | -    | no  | no  | yes  | -   | -
25   | chat       | ok      | -                          | -    | no  | yes | yes  | -   | -
26   | chat       | ok      | -                          | -    | no  | yes | yes  | -   | -
27   | chat       | ok      | -                          | -    | no  | no  | yes  | -   | -
28   | chat       | ok      | -                          | -    | no  | no  | no   | 0   | 0
29   | chat       | error   | RateLimitError             | 429  | no  | no  | -    | -   | -
30   | chat       | error   | RateLimitError             | 429  | no  | no  | -    | -   | -
31   | chat       | error   | InternalServerError        | 500  | no  | no  | -    | -   | -
32   | chat       | error   | InternalServerError        | 500  | no  | no  | -    | -   | -
33   | chat       | error   | ContextWindowExceededError | 400  | no  | no  | -    | -   | -
34   | chat       | error   | ContextWindowExceededError | 400  | no  | no  | -    | -   | -
35   | chat       | error   | Timeout                    | 408  | no  | no  | -    | -   | -
36   | chat       | error   | Timeout                    | 408  | no  | no  | -    | -   | -
37   | chat       | error   | ReadError                  | -    | yes | no  | -    | -   | -
38   | chat       | error   | ReadError                  | -    | yes | no  | -    | -   | -
39   | chat       | aborted | ClientDisconnected         | 499  | yes | no  | yes  | -   | -
40   | chat       | aborted | ClientDisconnected         | 499  | yes | no  | yes  | -   | -
41   | chat       | ok      | -                          | -    | no  | no  | no   | 0   | 0
42   | chat       | ok      | -                          | -    | no  | no  | no   | 0   | 0
43   | chat       | ok      | -                          | -    | no  | no  | no   | 0   | 0
44   | chat       | ok      | -                          | -    | no  | no  | no   | 0   | 0
45   | chat       | ok      | -                          | -    | no  | no  | no   | 0   | 0
46   | chat       | ok      | -                          | -    | no  | no  | no   | 0   | 0
47   | chat       | ok      | -                          | -    | no  | no  | no   | 0   | 0
48   | chat       | ok      | -                          | -    | no  | no  | no   | 0   | 0
49   | chat       | ok      | -                          | -    | no  | no  | yes  | -   | -
50   | chat       | error   | RateLimitError             | 429  | no  | no  | -    | -   | -
51   | chat       | error   | RateLimitError             | 429  | no  | no  | -    | -   | -
52   | chat       | error   | ProxyModelNotFoundError    | 400  | no  | no  | -    | -   | -
53   | chat       | error   | ProxyModelNotFoundError    | 400  | no  | no  | -    | -   | -
54   | chat       | error   | Exception                  | -    | no  | no  | -    | -   | -
55   | embeddings | ok      | -                          | -    | no  | no  | no   | 0   | 0
56   | embeddings | ok      | -                          | -    | no  | no  | no   | -   | -
57   | chat       | error   | NotFoundError              | 404  | no  | no  | -    | -   | -
58   | chat       | error   | NotFoundError              | 404  | no  | no  | -    | -   | -
"""


def table(text: str) -> dict[int, dict[str, str | None]]:
    """Rows of one table by line number."""
    header, *rows = ([cell.strip() for cell in row.split("|")] for row in text.strip().split("\n"))
    return {
        int(row[0]): {
            name: None if cell == "-" else cell
            for name, cell in zip(header[1:], row[1:], strict=True)
        }
        for row in rows
    }


def number(text: str | None) -> Decimal | None:
    """A count or an amount."""
    return None if text is None else Decimal(text)
