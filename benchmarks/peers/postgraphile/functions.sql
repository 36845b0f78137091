-- What PostGraphile shows: functions over the same rollups, with gaps filled where the bare handler fills them.
DROP SCHEMA IF EXISTS peer CASCADE;
CREATE SCHEMA peer;

CREATE FUNCTION peer.overview(organization bigint, starts timestamptz, ends timestamptz, OUT total bigint,
    OUT logged bigint, OUT received bigint, OUT attempted bigint, OUT sent bigint, OUT delivered bigint,
    OUT read bigint, OUT failed bigint, OUT opened bigint, OUT clicked bigint, OUT delivery_rate float8,
    OUT read_rate float8) LANGUAGE sql STABLE AS $$
SELECT sum(total)::bigint, sum(logged)::bigint, sum(received)::bigint, sum(attempted)::bigint, sum(sent)::bigint,
    sum(delivered)::bigint, sum(read)::bigint, sum(failed)::bigint, sum(opened)::bigint, sum(clicked)::bigint,
    100 * sum(confirmed)::float8 / nullif(sum(logged), 0)::float8,
    100 * sum(read)::float8 / nullif(sum(delivered_or_read), 0)::float8
FROM public.message_day
WHERE organization_id = organization AND clock = 0
    AND slot >= extract(epoch FROM starts)::bigint / 86400 AND slot < extract(epoch FROM ends)::bigint / 86400
$$;

CREATE TYPE peer.bucket AS (start timestamptz, value bigint);
CREATE FUNCTION peer.days(organization bigint, starts timestamptz, ends timestamptz) RETURNS SETOF peer.bucket
LANGUAGE sql STABLE AS $$
SELECT day, coalesce(value, 0)
FROM generate_series(starts, ends - interval '1 day', interval '1 day') AS day
LEFT JOIN (
    SELECT slot, sum(delivered)::bigint AS value FROM public.message_day
    WHERE organization_id = organization AND clock = 0
        AND slot >= extract(epoch FROM starts)::bigint / 86400 AND slot < extract(epoch FROM ends)::bigint / 86400
    GROUP BY slot
) AS counted ON slot = extract(epoch FROM day)::bigint / 86400
ORDER BY day
$$;

CREATE FUNCTION peer.hours(organization bigint, starts timestamptz, ends timestamptz) RETURNS SETOF peer.bucket
LANGUAGE sql STABLE AS $$
SELECT to_timestamp(hour * 60), sum(delivered)::bigint
FROM (
    SELECT (slot - slot % 60)::bigint AS hour, delivered FROM public.message_slim_quarter
    WHERE organization_id = organization AND clock = 0
        AND slot >= extract(epoch FROM starts)::bigint / 60 AND slot < extract(epoch FROM ends)::bigint / 60
) AS counted
GROUP BY hour ORDER BY hour
$$;

CREATE TYPE peer.day AS (start timestamptz, logged bigint, delivered bigint, delivery_rate float8);
CREATE FUNCTION peer.year(organization bigint, starts timestamptz, ends timestamptz) RETURNS SETOF peer.day
LANGUAGE sql STABLE AS $$
SELECT day, coalesce(logged, 0), coalesce(delivered, 0), 100 * confirmed::float8 / nullif(logged, 0)::float8
FROM generate_series(starts, ends - interval '1 day', interval '1 day') AS day
LEFT JOIN (
    SELECT slot, sum(logged)::bigint AS logged, sum(delivered)::bigint AS delivered,
        sum(confirmed)::bigint AS confirmed
    FROM public.message_day
    WHERE organization_id = organization AND clock = 0
        AND slot >= extract(epoch FROM starts)::bigint / 86400 AND slot < extract(epoch FROM ends)::bigint / 86400
    GROUP BY slot
) AS counted ON slot = extract(epoch FROM day)::bigint / 86400
ORDER BY day
$$;

CREATE TYPE peer.cell AS (weekday int, hour int, value bigint);
CREATE FUNCTION peer.heatmap(organization bigint, starts timestamptz, ends timestamptz) RETURNS SETOF peer.cell
LANGUAGE sql STABLE AS $$
SELECT day, clock_hour, coalesce(value, 0)
FROM generate_series(0, 6) AS day CROSS JOIN generate_series(0, 23) AS clock_hour
LEFT JOIN (
    SELECT (slot / 1440 + 3) % 7 AS weekday, slot % 1440 / 60 AS hour, sum(delivered)::bigint AS value
    FROM public.message_slim_quarter
    WHERE organization_id = organization AND clock = 0
        AND slot >= extract(epoch FROM starts)::bigint / 60 AND slot < extract(epoch FROM ends)::bigint / 60
    GROUP BY 1, 2
) AS counted ON weekday = day AND hour = clock_hour
ORDER BY day, clock_hour
$$;

CREATE VIEW peer.campaign AS SELECT organization_id, id AS external_id, name, created_at FROM public.campaigns;
CREATE FUNCTION peer.newest_campaigns(organization bigint, count int) RETURNS SETOF peer.campaign
LANGUAGE sql STABLE AS $$
SELECT * FROM peer.campaign WHERE organization_id = organization
ORDER BY created_at DESC, external_id DESC LIMIT count
$$;

CREATE TYPE peer.summary AS (total bigint, logged bigint, sent bigint, delivered bigint, read bigint,
    failed bigint, opened bigint, clicked bigint);
CREATE FUNCTION peer.campaign_summary(one peer.campaign) RETURNS peer.summary LANGUAGE sql STABLE AS $$
SELECT coalesce(sum(total), 0)::bigint, coalesce(sum(logged), 0)::bigint, coalesce(sum(sent), 0)::bigint,
    coalesce(sum(delivered), 0)::bigint, coalesce(sum(read), 0)::bigint, coalesce(sum(failed), 0)::bigint,
    coalesce(sum(opened), 0)::bigint, coalesce(sum(clicked), 0)::bigint
FROM public.message_day
WHERE organization_id = one.organization_id AND clock = 0 AND campaign = one.external_id
$$;

CREATE TYPE peer.campaign_day AS (start timestamptz, logged bigint, sent bigint, delivered bigint, read bigint,
    failed bigint);
CREATE FUNCTION peer.campaign_series(one peer.campaign, starts timestamptz, ends timestamptz)
RETURNS SETOF peer.campaign_day LANGUAGE sql STABLE AS $$
SELECT day, coalesce(logged, 0), coalesce(sent, 0), coalesce(delivered, 0), coalesce(read, 0), coalesce(failed, 0)
FROM generate_series(starts, ends - interval '1 day', interval '1 day') AS day
LEFT JOIN (
    SELECT slot, sum(logged)::bigint AS logged, sum(sent)::bigint AS sent, sum(delivered)::bigint AS delivered,
        sum(read)::bigint AS read, sum(failed)::bigint AS failed
    FROM public.message_day
    WHERE organization_id = one.organization_id AND clock = 0 AND campaign = one.external_id
        AND slot >= extract(epoch FROM starts)::bigint / 86400 AND slot < extract(epoch FROM ends)::bigint / 86400
    GROUP BY slot
) AS counted ON slot = extract(epoch FROM day)::bigint / 86400
ORDER BY day
$$;
