-- What people query. Columns and order of these views are a fixed contract.
CREATE OR REPLACE MACRO column_letters(n) AS
    CASE WHEN n > 702 THEN chr(CAST(64 + (n - 703) // 676 + 1 AS INTEGER)) ELSE '' END
    || CASE WHEN n > 26 THEN chr(CAST(65 + ((n - 27) // 26) % 26 AS INTEGER)) ELSE '' END
    || chr(CAST(65 + (n - 1) % 26 AS INTEGER));
CREATE OR REPLACE MACRO cell_address(sheet_row, sheet_col) AS
    CASE WHEN sheet_row > 0 THEN column_letters(sheet_col) || sheet_row ELSE '' END;

CREATE OR REPLACE MACRO file_part(file, part) AS CASE WHEN part = '' THEN file ELSE file || ' ' || part END;

CREATE OR REPLACE VIEW base.closed_year AS
SELECT year FROM base.event WHERE what IN ('close', 'reopen')
GROUP BY year HAVING arg_max(what, happened_at) = 'close';
COMMENT ON VIEW base.closed_year IS '现在封存着的年度：每年一行';

CREATE OR REPLACE VIEW base.duty AS
WITH said AS (
    SELECT year, code AS unit_code, string_split(coalesce(forms, ''), ' ') AS forms FROM base.unit
    UNION ALL
    SELECT DISTINCT year, unit_code, [''] FROM base.submission s
    WHERE unit_code IS NOT NULL AND NOT EXISTS (FROM base.unit u WHERE u.year = s.year AND u.code = s.unit_code))
SELECT year, unit_code, unnest(forms) AS form, forms FROM said;
COMMENT ON VIEW base.duty IS '每年每单位应报的每张表一行：form 为空的是包括全部指标的报表，own 是收编的表以外的，其余是收编的表的 SHA-256';

-- A whole form of ours is every form that its unit owes; so is what is none of them, as long as it is not right.
CREATE OR REPLACE VIEW base.covering AS
SELECT s.sub_id, s.year, s.unit_code, d.form, s.revision, s.state, s.acceptable, s.received_at
FROM base.submission s
JOIN base.duty d ON d.year = s.year AND d.unit_code = s.unit_code
    AND (coalesce(s.form, '') IN ('', d.form)
         OR NOT list_contains(d.forms, s.form) AND (len(d.forms) = 1 OR NOT coalesce(s.acceptable, false)))
WHERE s.same_as IS NULL;
COMMENT ON VIEW base.covering IS '每份报表算它单位的哪几张表：每份每张一行';

CREATE OR REPLACE VIEW base.standing_of_form AS
WITH newest AS (
    SELECT year, unit_code, form, max_by(sub_id, (revision, sub_id)) AS sub_id,
           coalesce(max(revision) FILTER (WHERE acceptable), 0) AS accepted_revision
    FROM base.covering GROUP BY ALL),
opened AS (
    SELECT c.year, c.unit_code, c.form, min(c.received_at) AS since
    FROM base.covering c JOIN newest n USING (year, unit_code, form)
    WHERE c.revision > n.accepted_revision GROUP BY ALL)
SELECT s.* REPLACE (d.year AS year, d.unit_code AS unit_code), d.form AS due, n.accepted_revision,
       CASE WHEN NOT s.acceptable THEN o.since END AS since
FROM base.duty d
LEFT JOIN newest n ON n.year = d.year AND n.unit_code = d.unit_code AND n.form = d.form
LEFT JOIN opened o ON o.year = d.year AND o.unit_code = d.unit_code AND o.form = d.form
LEFT JOIN base.submission s ON s.sub_id = n.sub_id;
COMMENT ON VIEW base.standing_of_form IS '每年每单位应报的每张表最近一次所报；没有报的也有一行，只有 due';

-- What stands worst of a unit's forms, or came last, is its state; it is accepted when all of them are.
CREATE OR REPLACE VIEW base.standing AS
SELECT * EXCLUDE (due, accepted_revision, since, place, lacking, accepted, latest, first)
       REPLACE (CASE WHEN lacking > 0 AND acceptable THEN 'partial' ELSE state END AS state),
       CASE WHEN accepted > 0 THEN latest ELSE 0 END AS accepted_revision, first AS since
FROM (SELECT *, count(*) FILTER (WHERE sub_id IS NULL) OVER unit AS lacking,
             min(coalesce(accepted_revision, 0)) OVER unit AS accepted, max(accepted_revision) OVER unit AS latest,
             min(since) OVER unit AS first,
             row_number() OVER (PARTITION BY year, unit_code ORDER BY sub_id IS NULL, coalesce(acceptable, false),
                                state = 'accepted with explanations' DESC, revision DESC) AS place
      FROM base.standing_of_form WINDOW unit AS (PARTITION BY year, unit_code))
WHERE place = 1 AND sub_id IS NOT NULL;
COMMENT ON VIEW base.standing IS '每年每单位最近一次所报；accepted_revision 为采用的那一版，since 为从哪时起有没了的问题';

-- Where a unit has several submissions that count, a figure is the latest one's that says it.
CREATE OR REPLACE VIEW base.overtaken AS
SELECT a.sub_id, b.sub_id AS later
FROM base.submission a JOIN base.submission b
    ON b.year = a.year AND b.unit_code = a.unit_code AND b.revision > a.revision
WHERE a.state IN ('accepted', 'accepted with explanations') AND b.state IN ('accepted', 'accepted with explanations');
COMMENT ON VIEW base.overtaken IS '同一单位同时采用的几份报表：早的和迟的每两份一行';

CREATE OR REPLACE VIEW base.current_fact AS
SELECT f.*, s.year, s.unit_code
FROM base.fact f
JOIN base.submission s ON s.sub_id = f.sub_id AND s.state IN ('accepted', 'accepted with explanations')
WHERE NOT EXISTS (
    FROM base.overtaken o JOIN base.fact g ON g.sub_id = o.later
    WHERE o.sub_id = f.sub_id AND g.indicator_id = f.indicator_id);
COMMENT ON VIEW base.current_fact IS '采用的数：每年每单位每指标一行';

CREATE OR REPLACE VIEW base.current_cell AS
SELECT c.*, s.year, s.unit_code
FROM base.list_cell c
JOIN base.submission s ON s.sub_id = c.sub_id AND s.state IN ('accepted', 'accepted with explanations')
WHERE NOT EXISTS (
    FROM base.overtaken o JOIN base.list_cell g ON g.sub_id = o.later WHERE o.sub_id = c.sub_id AND g.list = c.list);
COMMENT ON VIEW base.current_cell IS '采用的明细表：每个单元格一行';

CREATE OR REPLACE VIEW base.last_year AS
SELECT CAST(f.year + 1 AS SMALLINT) AS year, f.unit_code, f.indicator_id, f.value, f.text
FROM base.current_fact f
WHERE NOT EXISTS (FROM base.heir h WHERE h.year = f.year + 1 AND h.code = f.unit_code)
UNION ALL
SELECT year, unit_code, indicator_id, value, text FROM base.inherited;
COMMENT ON VIEW base.last_year IS '本年各单位的上年数（撤并的已按接续单位合好）：每年每单位每指标一行';

CREATE OR REPLACE VIEW base.dated_indicator AS
SELECT * FROM base.closed_indicator
UNION ALL
SELECT y.year, i.*
FROM (SELECT year FROM base.unit UNION SELECT year FROM base.submission UNION SELECT year FROM base.total) y
CROSS JOIN base.indicator i
WHERE NOT EXISTS (FROM base.closed_indicator c WHERE c.year = y.year);
COMMENT ON VIEW base.dated_indicator IS '各年的指标目录：封存的年度照封存时的，其余照现在的，每年每指标一行';

CREATE OR REPLACE VIEW units AS
SELECT year, CAST(code AS VARCHAR) AS code, name, kind, terrain, expected, valid_from, valid_to,
       merged_into, township, county, city
FROM base.unit;
COMMENT ON VIEW units IS '应报单位：每年每单位一行';

-- Above the units and within the whole; one that the roster does not name has its code for a name.
CREATE OR REPLACE VIEW base.place AS
WITH named AS (
    SELECT year, 'township' AS level, code // 1000 AS code, township AS name FROM base.unit
    UNION ALL SELECT year, 'county', code // 1000000, county FROM base.unit
    UNION ALL SELECT year, 'city', code // 100000000, city FROM base.unit)
SELECT n.year, n.level, n.code, coalesce(any_value(n.name), CAST(n.code AS VARCHAR)) AS name
FROM named n JOIN base.whole w
    ON starts_with(CAST(n.code AS VARCHAR), CAST(w.code AS VARCHAR))
   AND length(CAST(n.code AS VARCHAR)) > length(CAST(w.code AS VARCHAR))
GROUP BY n.year, n.level, n.code;
COMMENT ON VIEW base.place IS '汇总单位以下、填报单位以上的地方：每年每级每地一行';

CREATE OR REPLACE VIEW places AS
SELECT year, level, CAST(code AS VARCHAR) AS code, name FROM base.place
UNION ALL
SELECT DISTINCT u.year, w.level, CAST(w.code AS VARCHAR), w.name FROM base.whole w CROSS JOIN base.unit u;
COMMENT ON VIEW places IS '各级地方（乡镇、县等，不含填报单位）：每年每地一行';

CREATE OR REPLACE VIEW indicators AS
SELECT code, name, area, definition, unit, printed_unit, factor, places, reporter, office, blank, total, parent,
       since, until
FROM base.indicator;
COMMENT ON VIEW indicators IS '指标目录：每指标一行；unit 为填报单位，printed_unit 为印表单位，factor 为两者之比';

CREATE OR REPLACE VIEW form_rows AS
SELECT code, name, area, section, form_code, period, replace(choices, chr(10), '、') AS choices FROM base.indicator WHERE reporter <> 'derived';
COMMENT ON VIEW form_rows IS '指标在报表上的位置：每个填报的指标一行';

CREATE OR REPLACE VIEW submissions AS
SELECT s.sub_id AS submission, s.year, CAST(s.unit_code AS VARCHAR) AS unit_code, u.name AS unit_name, s.revision,
       s.state, s.file, s.sha256, s.size, s.format, s.received_at, s.form_version, s.preparer, s.reviewer, s.phone,
       s.filled_on, w.word AS state_word
FROM base.submission s LEFT JOIN base.unit u ON u.code = s.unit_code AND u.year = s.year
LEFT JOIN base.state w ON w.key = s.state;
COMMENT ON VIEW submissions IS '收到的报表：每份一行，state 为状态，state_word 为状态的叫法';

CREATE OR REPLACE VIEW covers AS
SELECT s.year, CAST(s.unit_code AS VARCHAR) AS unit_code, u.name AS unit_name, s.revision, s.state, c.key AS field,
       c.name, nullif(c.value, '') AS value
FROM base.cover c
JOIN base.submission s USING (sub_id)
LEFT JOIN base.unit u ON u.code = s.unit_code AND u.year = s.year;
COMMENT ON VIEW covers IS '报表封面各栏所填：每份报表每栏一行';

CREATE OR REPLACE VIEW states AS SELECT key AS state, word AS state_word, meaning FROM base.state ORDER BY place;
COMMENT ON VIEW states IS '报表和单位的状态：每种一行';

CREATE OR REPLACE VIEW unit_states AS
SELECT u.year, CAST(u.code AS VARCHAR) AS unit_code, u.name AS unit_name, u.kind, w.key AS state, w.word AS state_word,
       s.revision, s.file, s.received_at, nullif(s.accepted_revision, 0) AS accepted_revision, s.since
FROM base.unit u
LEFT JOIN base.standing s ON s.year = u.year AND s.unit_code = u.code
LEFT JOIN base.state w ON w.key = coalesce(s.state, 'missing')
WHERE u.expected;
COMMENT ON VIEW unit_states IS '各应报单位的状态：每年每单位一行；accepted_revision 为采用的那一版，since 为从哪时起有没了的问题';

-- A sentence of its template's pieces, in one pass: what a value says is never taken for a template.
CREATE OR REPLACE MACRO sentence(pieces, code, details, raw) AS coalesce(
    json_extract_string(details, '$.said'),
    array_to_string(list_transform(pieces, lambda piece: piece.text || CASE
        WHEN piece.value = '' THEN ''
        ELSE coalesce(json_extract_string(details, '$.' || piece.value), CASE piece.value WHEN 'raw' THEN raw END, '')
        END), ''),
    code);
CREATE OR REPLACE MACRO told_at(place, words) AS CASE WHEN place = '' THEN words ELSE place || '：' || words END;

CREATE OR REPLACE VIEW base.sentence AS
SELECT code, list({text: text, value: value} ORDER BY number) AS pieces FROM base.template GROUP BY code;
COMMENT ON VIEW base.sentence IS '每种问题怎么说：每种一行';

CREATE OR REPLACE VIEW findings AS
SELECT f.sub_id AS submission, s.year, CAST(s.unit_code AS VARCHAR) AS unit_code, u.name AS unit_name, s.revision,
       s.state, f.code, f.grade, f.indicator, i.name, f.sheet, f.cell, f.raw,
       told_at(
           CASE WHEN s.same_as IS NULL THEN
               concat_ws(' ', nullif(coalesce(u.name, s.file), ''), nullif(f.sheet, ''), nullif(f.cell, '')) ELSE '' END,
           sentence(t.pieces, f.code, f.details, f.raw)) AS message,
       f.explanation, f.explained, s.file, f.stage, f.number
FROM base.finding f
JOIN base.submission s USING (sub_id)
LEFT JOIN base.unit u ON u.code = s.unit_code AND u.year = s.year
LEFT JOIN base.dated_indicator i ON i.code = f.indicator AND i.year = s.year
LEFT JOIN base.sentence t ON t.code = f.code
UNION ALL
SELECT NULL, n.year, NULL, NULL, NULL, NULL, n.code, n.grade, NULL, NULL, NULL, NULL, NULL,
       sentence(t.pieces, n.code, n.details, NULL), NULL, NULL, n.file, NULL, NULL
FROM base.notice n LEFT JOIN base.sentence t USING (code);
COMMENT ON VIEW findings IS '审核问题：每个问题一行，grade 为 强制、核实 或 提示';

CREATE OR REPLACE VIEW facts AS
SELECT s.year, CAST(s.unit_code AS VARCHAR) AS unit_code, u.name AS unit_name, i.code AS indicator, i.name,
       f.value, i.unit, f.raw, s.sha256, s.file, h.name AS sheet, cell_address(f.row_no, f.col_no) AS cell,
       s.revision, f.text, f.note, f.explanation, c.words AS correction
FROM base.current_fact f
JOIN base.submission s USING (sub_id)
JOIN base.dated_indicator i ON i.id = f.indicator_id AND i.year = s.year
LEFT JOIN base.sheet h ON h.sub_id = f.sub_id AND h.sheet_no = f.sheet_no
LEFT JOIN base.unit u ON u.code = s.unit_code AND u.year = s.year
LEFT JOIN base.correction c ON c.sub_id = f.sub_id AND c.subject = i.code;
COMMENT ON VIEW facts IS '采用的数：每年每单位每指标一行，并注明出自哪个文件的哪个单元格';

CREATE OR REPLACE VIEW totals AS
SELECT t.year, t.level, CAST(t.code AS VARCHAR) AS code, coalesce(u.name, w.name, p.name, CAST(t.code AS VARCHAR)) AS name,
       i.code AS indicator, i.name AS indicator_name, t.value, i.unit, t.units_counted, t.units_expected,
       t.provisional, t.printed, i.printed_unit, t.text, t.numerator, t.denominator
FROM base.total t
JOIN base.dated_indicator i ON i.id = t.indicator_id AND i.year = t.year
LEFT JOIN base.unit u ON t.level = 'village' AND u.code = t.code AND u.year = t.year
LEFT JOIN base.whole w ON w.code = t.code
LEFT JOIN base.place p ON p.year = t.year AND p.level = t.level AND p.code = t.code;
COMMENT ON VIEW totals IS '合计：每年每级每地每指标一行；value 为填报单位的准确值，printed 为印出的数';

CREATE OR REPLACE VIEW list_rows AS
SELECT s.year, CAST(s.unit_code AS VARCHAR) AS unit_code, u.name AS unit_name, c.list, c.row_no, c.list_column,
       c.value, c.text, c.raw, s.sha256, s.file, h.name AS sheet, cell_address(c.sheet_row, c.sheet_col) AS cell,
       x.words AS correction
FROM base.current_cell c
JOIN base.submission s USING (sub_id)
LEFT JOIN base.sheet h ON h.sub_id = c.sub_id AND h.sheet_no = c.sheet_no
LEFT JOIN base.unit u ON u.code = s.unit_code AND u.year = s.year
LEFT JOIN base.correction x ON x.sub_id = c.sub_id AND x.subject = c.list_column || ' ' || c.row_no;
COMMENT ON VIEW list_rows IS '采用的明细表：每个单元格一行';

CREATE OR REPLACE VIEW adjustments AS
SELECT a.year, CAST(a.code AS VARCHAR) AS unit_code, i.code AS indicator, i.name, a.exact, a.plain, a.printed, a.forced
FROM base.adjustment a JOIN base.dated_indicator i ON i.id = a.indicator_id AND i.year = a.year;
COMMENT ON VIEW adjustments IS '舍位平衡记录：准确值、直接四舍五入值、印出值';

CREATE OR REPLACE VIEW corrections AS
SELECT s.year, CAST(s.unit_code AS VARCHAR) AS unit_code, u.name AS unit_name, s.revision, s.state, c.subject AS indicator,
       c.expect, c.value, c.raw, c.reason, c.agreed_with, c.agreed_on, s.file
FROM base.correction c
JOIN base.submission s USING (sub_id)
LEFT JOIN base.unit u ON u.code = s.unit_code AND u.year = s.year;
COMMENT ON VIEW corrections IS '统计员的更正：用上的每条一行；value 为空的是免于说明';

CREATE OR REPLACE VIEW events AS
SELECT e.happened_at, e.year, e.what, CAST(e.unit_code AS VARCHAR) AS unit_code, u.name AS unit_name, e.who, e.why, e.details
FROM base.event e LEFT JOIN base.unit u ON u.code = e.unit_code AND u.year = e.year;
COMMENT ON VIEW events IS '封存（close）、开封（reopen）、恢复旧版（restore）的记录：每次一行';
