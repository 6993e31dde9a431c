-- The store. One writer; append-only but for the small tables that mirror the catalogue, the roster and the inbox.
-- No primary key or foreign key on base.fact: they triple the file and its loading time.
CREATE TABLE IF NOT EXISTS base.whole (code BIGINT, level VARCHAR, name VARCHAR);
COMMENT ON TABLE base.whole IS '汇总单位自己：合计行就是它';

CREATE TABLE IF NOT EXISTS base.unit (
    year SMALLINT, code BIGINT, name VARCHAR, kind VARCHAR, terrain VARCHAR, expected BOOLEAN,
    valid_from DATE, valid_to DATE, merged_into VARCHAR);
ALTER TABLE base.unit ADD COLUMN IF NOT EXISTS office VARCHAR;  -- its roles, with 、 between
ALTER TABLE base.unit ADD COLUMN IF NOT EXISTS forms VARCHAR;  -- what it owes where that is not our whole form alone
ALTER TABLE base.unit ADD COLUMN IF NOT EXISTS forms VARCHAR;  -- what it owes where that is not our whole form alone
ALTER TABLE base.unit ADD COLUMN IF NOT EXISTS short VARCHAR;  -- its name in its own township, where others have one like it
ALTER TABLE base.unit ADD COLUMN IF NOT EXISTS township VARCHAR;  -- what the places are called that it lies in
ALTER TABLE base.unit ADD COLUMN IF NOT EXISTS county VARCHAR;
ALTER TABLE base.unit ADD COLUMN IF NOT EXISTS city VARCHAR;
ALTER TABLE base.unit ALTER COLUMN merged_into TYPE VARCHAR;  -- stores of before a unit could be split
COMMENT ON TABLE base.unit IS '各年应报单位名册（units.csv）：每年每单位一行';

CREATE TABLE IF NOT EXISTS base.heir (year SMALLINT, code BIGINT, heir BIGINT);
COMMENT ON TABLE base.heir IS '撤并改码：上年的单位 code，本年（year）由 heir 接续；接续的单位自己上年就有的，也有一行';

CREATE TABLE IF NOT EXISTS base.inherited (
    year SMALLINT, unit_code BIGINT, indicator_id SMALLINT, value DECIMAL(38, 4), printed DECIMAL(38, 6),
    numerator DECIMAL(38, 4), denominator DECIMAL(38, 4), text VARCHAR);
COMMENT ON TABLE base.inherited IS '接续单位的上年数：按各指标的汇总办法由上年各单位的数重算，每单位每指标一行';

CREATE TABLE IF NOT EXISTS base.like_for_like (
    year SMALLINT, code BIGINT, indicator_id SMALLINT, value DECIMAL(38, 4), printed DECIMAL(38, 6),
    units_counted INTEGER, units_expected INTEGER);
COMMENT ON TABLE base.like_for_like IS '暂定数的同口径上年数：只算本年已报的单位，每年每地每个还没收齐的指标一行';

CREATE TABLE IF NOT EXISTS base.indicator (
    id SMALLINT, code VARCHAR, name VARCHAR, area VARCHAR, area_number SMALLINT, definition VARCHAR,
    unit VARCHAR, printed_unit VARCHAR, factor INTEGER, places TINYINT, decimals TINYINT,
    reporter VARCHAR, office VARCHAR, blank VARCHAR, total VARCHAR, is_text BOOLEAN, parent VARCHAR,
    numerator VARCHAR, denominator VARCHAR, times INTEGER, of_code VARCHAR, terrain VARCHAR,
    list VARCHAR, list_column VARCHAR, aggregate VARCHAR, conditions SMALLINT, since SMALLINT, until SMALLINT);
COMMENT ON TABLE base.indicator IS '指标目录（schemas/indicators）：每指标一行，id 一经给出不再改动';

CREATE TABLE IF NOT EXISTS base.closed_indicator AS
SELECT CAST(0 AS SMALLINT) AS year, * FROM base.indicator LIMIT 0;
-- A column more of the one is a column more of the other, in the same place.
ALTER TABLE base.indicator ADD COLUMN IF NOT EXISTS form_code VARCHAR;
ALTER TABLE base.closed_indicator ADD COLUMN IF NOT EXISTS form_code VARCHAR;
ALTER TABLE base.indicator ADD COLUMN IF NOT EXISTS section VARCHAR;  -- its headings, with / between
ALTER TABLE base.closed_indicator ADD COLUMN IF NOT EXISTS section VARCHAR;
ALTER TABLE base.indicator ADD COLUMN IF NOT EXISTS choices VARCHAR;  -- what it is answered with, a line each
ALTER TABLE base.closed_indicator ADD COLUMN IF NOT EXISTS choices VARCHAR;
ALTER TABLE base.indicator ADD COLUMN IF NOT EXISTS choice VARCHAR;  -- which answers to of_code it counts
ALTER TABLE base.closed_indicator ADD COLUMN IF NOT EXISTS choice VARCHAR;
ALTER TABLE base.indicator ADD COLUMN IF NOT EXISTS weight VARCHAR;  -- by which figure its mean is weighted
ALTER TABLE base.closed_indicator ADD COLUMN IF NOT EXISTS weight VARCHAR;
ALTER TABLE base.indicator ADD COLUMN IF NOT EXISTS row_code VARCHAR;  -- on whose row it is answered, where not on its own
ALTER TABLE base.closed_indicator ADD COLUMN IF NOT EXISTS row_code VARCHAR;
ALTER TABLE base.indicator ADD COLUMN IF NOT EXISTS period VARCHAR;  -- the head of the column that it is answered in
ALTER TABLE base.closed_indicator ADD COLUMN IF NOT EXISTS period VARCHAR;
ALTER TABLE base.indicator ADD COLUMN IF NOT EXISTS forms VARCHAR;  -- the adopted forms that ask it, with a space between
ALTER TABLE base.closed_indicator ADD COLUMN IF NOT EXISTS forms VARCHAR;
ALTER TABLE base.indicator ADD COLUMN IF NOT EXISTS forms VARCHAR;  -- the adopted forms that ask it, with spaces between
ALTER TABLE base.closed_indicator ADD COLUMN IF NOT EXISTS forms VARCHAR;
COMMENT ON TABLE base.closed_indicator IS '已封存年度的指标目录：封存时每年每指标一行，此后目录再改也不变';

CREATE TABLE IF NOT EXISTS base.form (form VARCHAR, name VARCHAR);
COMMENT ON TABLE base.form IS '单位应报的各张表的名称：每张一行';

CREATE TABLE IF NOT EXISTS base.closed_settings (year SMALLINT, settings VARCHAR, catalogue_version VARCHAR);
COMMENT ON TABLE base.closed_settings IS '已封存年度的设置（township.toml）和目录版本：每年一行';

CREATE TABLE IF NOT EXISTS base.split (relation VARCHAR, whole VARCHAR, part VARCHAR);
COMMENT ON TABLE base.split IS '审核关系里各部分之和等于总数的：印出时横竖都加得起来';

CREATE TABLE IF NOT EXISTS base.indicator_where (indicator_id SMALLINT, list_column VARCHAR, value VARCHAR);

CREATE TABLE IF NOT EXISTS base.submission (
    sub_id INTEGER, year SMALLINT, unit_code BIGINT, revision SMALLINT, sha256 VARCHAR, file VARCHAR, size BIGINT,
    format VARCHAR, received_at TIMESTAMPTZ, form_version VARCHAR, rules_version VARCHAR, state VARCHAR,
    acceptable BOOLEAN, preparer VARCHAR, reviewer VARCHAR, phone VARCHAR, filled_on VARCHAR, same_as INTEGER);
COMMENT ON TABLE base.submission IS '收到的每份报表一行；原件按 sha256 存在 archive 文件夹';

ALTER TABLE base.submission ADD COLUMN IF NOT EXISTS reading_version VARCHAR;  -- by what it was read; rules_version: judged
CREATE TABLE IF NOT EXISTS base.reading (sub_id INTEGER, data BLOB);
COMMENT ON TABLE base.reading IS '每份报表读出的全部内容（压缩）：审核规则变了，凭它重新审核，不必再读原件';

ALTER TABLE base.submission ADD COLUMN IF NOT EXISTS part VARCHAR DEFAULT '';  -- which unit's of a file of several
ALTER TABLE base.submission ADD COLUMN IF NOT EXISTS form VARCHAR;  -- what it is a copy of: schemas/adopted.py
UPDATE base.submission SET form = form_version WHERE form IS NULL AND length(form_version) = 64;
ALTER TABLE base.submission ADD COLUMN IF NOT EXISTS form VARCHAR;  -- what it is a copy of: schemas/adopted.py
UPDATE base.submission SET form = form_version WHERE form IS NULL AND length(form_version) = 64;
ALTER TABLE base.submission ADD COLUMN IF NOT EXISTS restored_from SMALLINT;  -- the revision that was taken up again

CREATE TABLE IF NOT EXISTS base.correction (
    sub_id INTEGER, subject VARCHAR, expect VARCHAR, value VARCHAR, raw VARCHAR, reason VARCHAR, agreed_with VARCHAR,
    agreed_on DATE, words VARCHAR);
COMMENT ON TABLE base.correction IS '统计员的更正（corrections.toml）：用上的每条一行；value 为空的是免于说明';

CREATE TABLE IF NOT EXISTS base.cover (sub_id INTEGER, key VARCHAR, name VARCHAR, value VARCHAR);
COMMENT ON TABLE base.cover IS '封面各栏（目录的 fields）所填：每份报表每栏一行，照原样';

CREATE TABLE IF NOT EXISTS base.event (
    happened_at TIMESTAMPTZ, year SMALLINT, what VARCHAR, unit_code BIGINT, who VARCHAR, why VARCHAR, details VARCHAR);
COMMENT ON TABLE base.event IS '封存、开封、恢复旧版：每次一行，只增不改';

CREATE TABLE IF NOT EXISTS base.inbox (year SMALLINT, file VARCHAR, sha256 VARCHAR);
COMMENT ON TABLE base.inbox IS '最近一次汇总时收件夹里有哪些文件';

CREATE TABLE IF NOT EXISTS base.notice (year SMALLINT, file VARCHAR, code VARCHAR, grade VARCHAR, details JSON);
COMMENT ON TABLE base.notice IS '收件夹里不是报表的东西：每个一行，每次汇总重写';

CREATE TABLE IF NOT EXISTS base.state (place TINYINT, key VARCHAR, word VARCHAR, meaning VARCHAR);
COMMENT ON TABLE base.state IS '报表和单位的状态及其叫法：每种一行，照 schemas/states.py';

CREATE TABLE IF NOT EXISTS base.sheet (sub_id INTEGER, sheet_no SMALLINT, name VARCHAR);

CREATE TABLE IF NOT EXISTS base.fact (
    sub_id INTEGER, indicator_id SMALLINT, value DECIMAL(18, 4), text VARCHAR, raw VARCHAR,
    sheet_no SMALLINT, row_no INTEGER, col_no SMALLINT, note VARCHAR, explanation VARCHAR);
ALTER TABLE base.fact ADD COLUMN IF NOT EXISTS last DECIMAL(18, 4);  -- stores of before the form's 上年数 was kept
ALTER TABLE base.fact ADD COLUMN IF NOT EXISTS last_col SMALLINT;
COMMENT ON TABLE base.fact IS '每份报表每个指标一行：数值、原文和所在单元格';

CREATE TABLE IF NOT EXISTS base.list_cell (
    sub_id INTEGER, list VARCHAR, row_no SMALLINT, list_column VARCHAR, value DECIMAL(18, 4), text VARCHAR,
    raw VARCHAR, sheet_no SMALLINT, sheet_row INTEGER, sheet_col SMALLINT, explanation VARCHAR);
ALTER TABLE base.list_cell ADD COLUMN IF NOT EXISTS explanation VARCHAR;  -- stores of before it was kept
COMMENT ON TABLE base.list_cell IS '明细表每个单元格一行';

CREATE TABLE IF NOT EXISTS base.finding (
    sub_id INTEGER, stage VARCHAR, number INTEGER, code VARCHAR, grade VARCHAR, indicator VARCHAR, sheet VARCHAR,
    cell VARCHAR, raw VARCHAR, details JSON, explanation VARCHAR, explained BOOLEAN);
COMMENT ON TABLE base.finding IS
    '审核发现的问题：stage 为 read（本表内）或 compare（与上年、他村相比）；details 为问题所说的各项内容，话由 base.template 拼成';

CREATE TABLE IF NOT EXISTS base.template (code VARCHAR, number SMALLINT, text VARCHAR, value VARCHAR);
COMMENT ON TABLE base.template IS '每种问题怎么说（schemas/declared/findings.toml）：依次每段一行，text 后接名为 value 的内容';

-- Stores of before a finding was data held its sentence, place first: that becomes all that is known of it.
ALTER TABLE base.finding ADD COLUMN IF NOT EXISTS details JSON;
ALTER TABLE base.finding ADD COLUMN IF NOT EXISTS message VARCHAR;
UPDATE base.finding SET details = json_object('said', CASE
    WHEN o.copied OR o.place = '' THEN message
    WHEN starts_with(message, o.place || '：') THEN substr(message, length(o.place) + 2)
    ELSE substr(message, strpos(message, '：') + 1) END)
FROM (SELECT f.rowid AS row, s.same_as IS NOT NULL AS copied,
             concat_ws(' ', coalesce(u.name, s.file), nullif(f.sheet, ''), nullif(f.cell, '')) AS place
      FROM base.finding f
      JOIN base.submission s USING (sub_id)
      LEFT JOIN base.unit u ON u.code = s.unit_code AND u.year = s.year) o
WHERE o.row = base.finding.rowid AND details IS NULL AND message IS NOT NULL;
ALTER TABLE base.finding DROP COLUMN message;
ALTER TABLE base.notice ADD COLUMN IF NOT EXISTS details JSON;
ALTER TABLE base.notice ADD COLUMN IF NOT EXISTS message VARCHAR;
UPDATE base.notice SET details = json_object('said', message) WHERE details IS NULL AND message IS NOT NULL;
ALTER TABLE base.notice DROP COLUMN message;

CREATE TABLE IF NOT EXISTS base.finding_behind AS FROM base.finding LIMIT 0;
COMMENT ON TABLE base.finding_behind IS '错行带出来的问题：错行一事没有说明之前不逐条说，列同 finding';

CREATE TABLE IF NOT EXISTS base.total (
    year SMALLINT, level VARCHAR, code BIGINT, indicator_id SMALLINT, value DECIMAL(38, 4),
    numerator DECIMAL(38, 4), denominator DECIMAL(38, 4), text VARCHAR, printed DECIMAL(38, 6),
    units_counted INTEGER, units_expected INTEGER, provisional BOOLEAN);
COMMENT ON TABLE base.total IS '各级合计：每年、每级、每地、每指标一行';

CREATE TABLE IF NOT EXISTS base.added (year SMALLINT, unit BIGINT, follows_from VARCHAR, result VARCHAR);
COMMENT ON TABLE base.added IS '每个单位自己那一级的合计上次依据什么算出、算出了什么（指纹）：每年每单位一行';

CREATE TABLE IF NOT EXISTS base.adjustment (
    year SMALLINT, code BIGINT, indicator_id SMALLINT, exact DECIMAL(38, 10), plain DECIMAL(38, 6),
    printed DECIMAL(38, 6), forced BOOLEAN);
COMMENT ON TABLE base.adjustment IS '舍位平衡改动过的数：准确值、直接四舍五入值、印出值';

-- Values travel as whole ten-thousandths and are stored as exact decimals.
CREATE OR REPLACE MACRO from_ten_thousandths(whole) AS
    CAST(CAST(whole AS DECIMAL(22, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS DECIMAL(18, 4));
-- Below ten thousand million, as nearly all are, in numbers of 64 bits: 400,000 in 0.02 s, else 0.07 (2026-11-29).
CREATE OR REPLACE MACRO ten_thousandths(x) AS coalesce(
    CAST(CAST(TRY_CAST(x AS DECIMAL(14, 4)) AS DECIMAL(18, 4)) * 10000 AS HUGEINT),
    CAST(CAST(x AS DECIMAL(38, 4)) * 10000 AS HUGEINT));
-- How many significant digits: the zeros at the end are none.
CREATE OR REPLACE MACRO significant_digits(x) AS
    length(rtrim(CAST(abs(ten_thousandths(x)) AS VARCHAR), '0'));
CREATE OR REPLACE MACRO half_up(n, d) AS sign(n) * sign(d) * ((2 * abs(n) + abs(d)) // (2 * abs(d)));
-- A figure rounded alone, half up, in its printed unit.
CREATE OR REPLACE MACRO printed_alone(value, factor, places) AS
    CAST(half_up(ten_thousandths(value) * CAST(10 ** places AS HUGEINT), factor * 10000)
        * CAST(10 ** (6 - places) AS HUGEINT) AS DECIMAL(32, 0)) * CAST(0.000001 AS DECIMAL(6, 6));
