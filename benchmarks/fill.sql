-- Messages of one organization over the whole time, in bursts of a minute as campaigns leave. Each two bursts have
-- their campaign, out of the last twelve, to which six in seven belong. One in twenty came in; of those that went
-- out one in twenty failed, most others were delivered, and four in ten read.
INSERT INTO messages (
    organization_id, id, announced, created_at, direction, channel, campaign_id, contact_id, sender_id,
    content_type, source, source_id, error_code, bounce_reason, segments, characters, credits, cost_micros,
    is_test, sent_at, delivered_at, read_at, failed_at, opened_at, clicked_at)
SELECT
    :organization_id, 'msg_' || lpad(i::text, 12, '0'), true, at,
    CASE WHEN is_in THEN 'inbound' ELSE 'outbound' END,
    (ARRAY['sms', 'email', 'whatsapp', 'mms'])[1 + way],
    CASE WHEN is_campaign THEN 'cmp_' || lpad(campaign::text, 4, '0') ELSE '' END,
    'contact_' || dice % 100000,
    '+1555010' || way,
    'text',
    CASE WHEN is_in THEN '' WHEN is_campaign THEN 'campaign' ELSE 'api' END,
    '',
    CASE WHEN has_failed THEN (ARRAY['30003', '30005', '30007'])[1 + dice % 3] ELSE '' END,
    '', 1 + dice % 3, 160, 1, 7900, false,
    CASE WHEN NOT is_in THEN at + interval '1.2 s' END,
    CASE WHEN has_gone_well AND luck > 0 THEN at + interval '4 s' END,
    CASE WHEN has_gone_well AND luck > 5 THEN at + interval '9 minutes' END,
    CASE WHEN has_failed THEN at + interval '5 s' END,
    CASE WHEN has_gone_well AND luck > 6 THEN at + interval '1 h' END,
    CASE WHEN has_gone_well AND luck > 8 THEN at + interval '2 h' END
FROM (
    SELECT *, NOT is_in AND dice % 7 > 0 AS is_campaign, NOT is_in AND dice / 7 % 20 = 3 AS has_failed,
        NOT is_in AND dice / 7 % 20 <> 3 AS has_gone_well, (campaign % 4)::int AS way
    FROM (
        SELECT i, dice, dice / 140 % 10 AS luck, dice % 20 = 11 AS is_in,
            CAST(:start AS timestamptz) + burst * (CAST(:ending AS timestamptz) - :start) / :bursts
                + dice % 60 * interval '1 second' AS at,
            greatest(burst * :campaigns / :bursts - burst / 2 % 12, 0) AS campaign
        FROM (
            SELECT i, i * :bursts / :rows AS burst, (i * 48271 + 11) % 2147483647 AS dice
            FROM generate_series(0, :rows - 1) AS i
        ) AS rolled
    ) AS known
) AS made
