-- name: closed
-- The catalogue that a closed year was closed with; no row while it is open.
SELECT * FROM base.closed_indicator WHERE year = {year}

-- name: total
SELECT value, unit, printed, printed_unit, text, numerator, denominator, units_counted, units_expected, provisional
FROM totals WHERE year = {year} AND indicator = '{code}' AND level <> 'village' ORDER BY length(code) LIMIT 1

-- name: facts
SELECT unit_name AS 单位, indicator AS 代码, name AS 指标, value AS 数值, text AS 文字, raw AS 原文, file AS 文件, sheet AS 工作表,
       cell AS 单元格, revision AS 版次, explanation AS 说明, correction AS 更正
FROM facts WHERE year = {year} AND indicator IN ({codes}) {only} ORDER BY indicator, unit_code

-- name: rows
SELECT unit_name AS 单位, row_no AS 行, list_column AS 列, coalesce(CAST(value AS VARCHAR), text) AS 内容, raw AS 原文,
       file AS 文件, sheet AS 工作表, cell AS 单元格, correction AS 更正
FROM list_rows WHERE year = {year} AND list = '{list}' {only} ORDER BY unit_code, row_no, list_column

-- name: revisions
SELECT s.revision AS 版次, s.state AS 状态, f.value AS 数值, f.text AS 文字, f.raw AS 原文, s.file AS 文件, h.name AS 工作表,
       cell_address(f.row_no, f.col_no) AS 单元格, s.sha256 AS 原件指纹, s.received_at AS 收到时间, c.words AS 更正
FROM base.submission s JOIN base.fact f USING (sub_id)
JOIN base.dated_indicator i ON i.id = f.indicator_id AND i.year = s.year
LEFT JOIN base.sheet h ON h.sub_id = f.sub_id AND h.sheet_no = f.sheet_no
LEFT JOIN base.correction c ON c.sub_id = f.sub_id AND c.subject = i.code
WHERE s.year = {year} AND s.unit_code = {unit} AND i.code = '{code}' ORDER BY s.revision, s.sub_id

-- name: used
SELECT count(*) AS 用过 FROM base.submission
WHERE year = {year} AND unit_code = {unit} AND same_as IS NULL AND acceptable
