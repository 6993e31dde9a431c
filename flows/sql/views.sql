-- What people query. Columns and order of these views are a fixed contract.
CREATE OR REPLACE MACRO column_letters(n) AS
    CASE WHEN n > 702 THEN chr(CAST(64 + (n - 703) // 676 + 1 AS INTEGER)) ELSE '' END
    || CASE WHEN n > 26 THEN chr(CAST(65 + ((n - 27) // 26) % 26 AS INTEGER)) ELSE '' END
    || chr(CAST(65 + (n - 1) % 26 AS INTEGER));
CREATE OR REPLACE MACRO cell_address(sheet_row, sheet_col) AS
    CASE WHEN sheet_row > 0 THEN column_letters(sheet_col) || sheet_row ELSE '' END;

CREATE OR REPLACE VIEW units AS
SELECT year, CAST(code AS VARCHAR) AS code, name, kind, terrain, expected, valid_from, valid_to,
       CAST(merged_into AS VARCHAR) AS merged_into
FROM base.unit;
COMMENT ON VIEW units IS '应报单位：每年每单位一行';

CREATE OR REPLACE VIEW indicators AS
SELECT code, name, area, definition, unit, printed_unit, factor, places, reporter, office, blank, total, parent,
       since, until
FROM base.indicator;
COMMENT ON VIEW indicators IS '指标目录：每指标一行；unit 为填报单位，printed_unit 为印表单位，factor 为两者之比';

CREATE OR REPLACE VIEW submissions AS
SELECT s.sub_id AS submission, s.year, CAST(s.unit_code AS VARCHAR) AS unit_code, u.name AS unit_name, s.revision,
       s.state, s.file, s.sha256, s.size, s.format, s.received_at, s.form_version, s.preparer, s.reviewer, s.phone,
       s.filled_on
FROM base.submission s LEFT JOIN base.unit u ON u.code = s.unit_code AND u.year = s.year;
COMMENT ON VIEW submissions IS '收到的报表：每份一行，state 为状态';

CREATE OR REPLACE VIEW findings AS
SELECT f.sub_id AS submission, s.year, CAST(s.unit_code AS VARCHAR) AS unit_code, u.name AS unit_name, s.revision,
       s.state, f.code, f.grade, f.indicator, i.name, f.sheet, f.cell, f.raw, f.message, f.explanation, f.explained,
       s.file, f.stage, f.number
FROM base.finding f
JOIN base.submission s USING (sub_id)
LEFT JOIN base.unit u ON u.code = s.unit_code AND u.year = s.year
LEFT JOIN base.indicator i ON i.code = f.indicator
UNION ALL
SELECT NULL, year, NULL, NULL, NULL, NULL, code, grade, NULL, NULL, NULL, NULL, NULL, message, NULL, NULL, file, NULL, NULL
FROM base.notice;
COMMENT ON VIEW findings IS '审核问题：每个问题一行，grade 为 强制、核实 或 提示';

CREATE OR REPLACE VIEW facts AS
SELECT s.year, CAST(s.unit_code AS VARCHAR) AS unit_code, u.name AS unit_name, i.code AS indicator, i.name,
       f.value, i.unit, f.raw, s.sha256, s.file, h.name AS sheet, cell_address(f.row_no, f.col_no) AS cell,
       s.revision, f.text, f.note, f.explanation
FROM base.fact f
JOIN base.submission s ON s.sub_id = f.sub_id AND s.state IN ('accepted', 'accepted with explanations')
JOIN base.indicator i ON i.id = f.indicator_id
LEFT JOIN base.sheet h ON h.sub_id = f.sub_id AND h.sheet_no = f.sheet_no
LEFT JOIN base.unit u ON u.code = s.unit_code AND u.year = s.year;
COMMENT ON VIEW facts IS '采用的数：每年每单位每指标一行，并注明出自哪个文件的哪个单元格';

CREATE OR REPLACE VIEW totals AS
SELECT t.year, t.level, CAST(t.code AS VARCHAR) AS code, coalesce(u.name, w.name, CAST(t.code AS VARCHAR)) AS name,
       i.code AS indicator, i.name AS indicator_name, t.value, i.unit, t.units_counted, t.units_expected,
       t.provisional, t.printed, i.printed_unit, t.text, t.numerator, t.denominator
FROM base.total t
JOIN base.indicator i ON i.id = t.indicator_id
LEFT JOIN base.unit u ON t.level = 'village' AND u.code = t.code AND u.year = t.year
LEFT JOIN base.whole w ON w.code = t.code;
COMMENT ON VIEW totals IS '合计：每年每级每地每指标一行；value 为填报单位的准确值，printed 为印出的数';

CREATE OR REPLACE VIEW list_rows AS
SELECT s.year, CAST(s.unit_code AS VARCHAR) AS unit_code, u.name AS unit_name, c.list, c.row_no, c.list_column,
       c.value, c.text, c.raw, s.sha256, s.file, h.name AS sheet, cell_address(c.sheet_row, c.sheet_col) AS cell
FROM base.list_cell c
JOIN base.submission s ON s.sub_id = c.sub_id AND s.state IN ('accepted', 'accepted with explanations')
LEFT JOIN base.sheet h ON h.sub_id = c.sub_id AND h.sheet_no = c.sheet_no
LEFT JOIN base.unit u ON u.code = s.unit_code AND u.year = s.year;
COMMENT ON VIEW list_rows IS '采用的明细表：每个单元格一行';

CREATE OR REPLACE VIEW adjustments AS
SELECT a.year, CAST(a.code AS VARCHAR) AS unit_code, i.code AS indicator, i.name, a.exact, a.plain, a.printed, a.forced
FROM base.adjustment a JOIN base.indicator i ON i.id = a.indicator_id;
COMMENT ON VIEW adjustments IS '舍位平衡记录：准确值、直接四舍五入值、印出值';
