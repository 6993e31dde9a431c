// The report's page: opens a number, shows place by place where it comes from, and finds numbers.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const panel = document.getElementById("panel");
  const title = document.getElementById("panel-title");
  const body = document.getElementById("panel-body");
  const query = document.getElementById("query");
  const hits = document.getElementById("hits");
  const count = document.getElementById("count");
  const buttons = [...document.querySelectorAll("[data-slot]")];
  const MOST_BARS = 40;
  let opener = null;

  const draw = (tag, attributes, text) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const number = (text) => (text === null || text === "" ? NaN : Number(text));
  const orDash = (text) => (text === null || text === "" ? "—" : text);

  // ---- rows of an indicator as objects
  const rowsOf = (code) =>
    data.indicators[code].rows.map(([place, value, exact, last, file, sheet, cell, raw, note, reason, moved]) => ({
      place: data.places[place][0], terrain: data.places[place][1], value, exact, last,
      file: data.files[file], sheet: data.sheets[sheet], cell, raw, note, reason, moved,
    }));
  const originOf = (row) => [row.file, row.sheet && `“${row.sheet}”表`, row.cell].filter(Boolean).join(" ");

  const chart = (rows, unit, name) => {
    const bars = rows.filter((row) => number(row.value) > 0).sort((a, b) => number(b.value) - number(a.value));
    if (bars.length < 2) return null;
    const shown = bars.slice(0, MOST_BARS);
    const most = Math.max(...shown.map((row) => Math.max(number(row.value), number(row.last) || 0)));
    const wide = 600, label = 8 * 13, tail = 110, high = 22, room = wide - label - tail;
    const svg = draw("svg", { viewBox: `0 0 ${wide} ${shown.length * high + 4}`, role: "img" });
    const words = `${name}各地数：${shown.slice(0, 3).map((row) => `${row.place} ${row.value}${unit}`).join("，")}${bars.length > 3 ? " 等" : ""}`;
    svg.append(draw("title", {}, words));
    shown.forEach((row, at) => {
      const y = at * high, length = (number(row.value) / most) * room;
      svg.append(draw("text", { x: label - 6, y: y + 15, "text-anchor": "end" }, row.place.length > 8 ? row.place.slice(0, 7) + "…" : row.place));
      svg.append(draw("rect", { class: "bar", x: label, y: y + 4, width: Math.max(1, length), height: high - 8 }));
      const past = number(row.last);
      if (past > 0) svg.append(draw("path", { class: "past", d: `M${label + (past / most) * room} ${y + 2}v${high - 4}` }));
      svg.append(draw("text", { x: label + Math.max(length, past > 0 ? (past / most) * room : 0) + 6, y: y + 15 }, row.value));
    });
    const hint = [bars.some((row) => number(row.last) > 0) && "竖线为上年数", bars.length > MOST_BARS && `只画最大的 ${MOST_BARS} 个`].filter(Boolean).join("，");
    return make("section", {}, make("h3", {}, `各地比较${unit ? `（${unit}）` : ""}`), svg, hint ? make("p", { class: "hint" }, `${hint}。`) : null);
  };

  const table = (caption, heads, rows) => {
    const head = make("tr", {}, ...heads.map((words) => make("th", { scope: "col" }, words)));
    const lines = rows.map(({ lack, cells }) =>
      make("tr", lack ? { class: "lack" } : {}, ...cells.map((cell, at) => {
        if (at === 0) return make("th", { scope: "row" }, cell);
        const [words, kind] = Array.isArray(cell) ? cell : [cell, "num"];
        return make("td", kind ? { class: kind } : {}, words);
      })));
    return make("div", { class: "wide", tabindex: "0", role: "region", "aria-label": caption },
      make("table", {}, make("caption", {}, caption), make("thead", {}, head), make("tbody", {}, ...lines)));
  };

  const breakdown = (code, keep = () => true) => {
    const item = data.indicators[code], rows = rowsOf(code).filter(keep);
    const both = item.unit !== item.base, said = rows.some((row) => row.reason || row.note || row.moved);
    const sourced = rows.some((row) => row.file);
    const heads = ["单位", `本年（${item.unit || "文字"}）`, both && `填报（${item.base}）`, "上年", sourced && "原文", sourced && "出处", said && "更正、说明"];
    const lines = rows.map((row) => ({
      lack: row.value === null && !row.raw,
      cells: [row.place, orDash(row.value), both && orDash(row.exact), orDash(row.last), sourced && orDash(row.raw),
        sourced && [originOf(row), ""], said && [[row.reason, row.note, row.moved].filter(Boolean).join("；"), "say"]].filter((cell) => cell !== false),
    }));
    const name = `${item.name}：${item.cut ? `数最大的 ${rows.length} 个单位（共报 ${item.counted[0]} 个），别的单位用 cunhui trace ${item.name} 查` : `${rows.length} 个单位`}`;
    return [chart(rows, item.unit, item.name), rows.length ? table(name, heads.filter(Boolean), lines) : null];
  };

  // ---- of a county: what each township has of the whole
  const byPart = (code) => {
    const item = data.indicators[code];
    if (!item.parts) return null;
    const both = item.unit !== item.base, said = item.parts.some((row) => row[6]);
    const heads = [data.part, `本年（${item.unit || "文字"}）`, both && `准确值（${item.base}）`, "上年", "已报／应报", said && "说明"];
    const lines = item.parts.map(([place, value, exact, last, counted, expected, moved]) => ({
      lack: value === null,
      cells: [place, orDash(value), both && orDash(exact), orDash(last), `${counted}／${expected}`, said && [moved, "say"]].filter((cell) => cell !== false),
    }));
    return table(`${item.name}：${data.parts}`, heads.filter(Boolean), lines);
  };

  const link = (code, words) => {
    const button = make("button", { type: "button", class: "go" }, words);
    button.addEventListener("click", () => { showIndicator(code); title.focus(); });
    return button;
  };

  const ratio = (code) => {
    const item = data.indicators[code];
    const above = data.indicators[item.above], below = data.indicators[item.below];
    const times = item.times === 1 ? "" : `×${item.times}`;
    const byPlace = (of) => new Map(rowsOf(of).map((row) => [row.place, row.exact]));
    const upper = byPlace(item.above), lower = byPlace(item.below), rows = rowsOf(code);
    const heads = ["单位", `${above.name}（${above.base}）`, `${below.name}（${below.base}）`, `${item.name}（${item.unit}）`, "上年"];
    const lines = rows.map((row) => ({
      lack: row.value === null,
      cells: [row.place, orDash(upper.get(row.place) ?? null), orDash(lower.get(row.place) ?? null), orDash(row.value), orDash(row.last)],
    }));
    return [
      make("p", { class: "formula" }, `${item.name} ＝ `, link(item.above, above.name), " ÷ ", link(item.below, below.name), times,
        make("br"), `＝ ${orDash(above.exact)}${above.base} ÷ ${orDash(below.exact)}${below.base}${times} ＝ ${orDash(item.value)}${item.unit}`),
      chart(rows, item.unit, item.name), table(`${item.name}：用合计数计算，不是各村的平均${item.cut ? `；只列 ${rows.length} 个单位，别的用 cunhui trace ${item.name} 查` : ""}`, heads, lines),
    ];
  };

  const listRows = (item) => {
    const list = data.lists[item.list], codes = list.columns.map(([code]) => code);
    return list.rows.filter((row) => Object.entries(item.where).every(([column, words]) => row[3][codes.indexOf(column)] === words));
  };

  const fromList = (item) => {
    const list = data.lists[item.list], at = Object.fromEntries(list.columns.map(([code], place) => [code, place]));
    const rows = listRows(item);
    const heads = ["单位", ...list.columns.map(([, name, unit]) => (unit ? `${name}（${unit}）` : name)), "出处"];
    const lines = rows.map(([place, file, sheet, words, cells]) => ({
      lack: false,
      cells: [place < 0 ? "" : data.places[place][0], ...words.map((cell, column) => [cell, list.columns[column][2] ? "num" : ""]),
        [[data.files[file], data.sheets[sheet] && `“${data.sheets[sheet]}”表`, cells[at[item.column]] || cells.find(Boolean)].filter(Boolean).join(" "), ""]],
    }));
    const bars = item.column ? rows.map((row) => ({ place: data.places[row[0]] ? data.places[row[0]][0] : "", value: row[3][at[item.column]], last: null })) : [];
    return [chart(bars, item.column ? list.columns[at[item.column]][2] : "", item.name), rows.length ? table(`${list.name}：${rows.length} 行${list.all ? `（只列全部 ${list.all} 行的前 ${list.rows.length} 行里的）` : ""}`, heads, lines) : null];
  };

  const details = (code) => {
    const item = data.indicators[code];
    if (item.total === "ratio") return ratio(code);
    if (item.list) return fromList(item);
    if (item.of) {
      const of = data.indicators[item.of];
      const here = item.terrain ? (row) => row.terrain === item.terrain : () => true;
      return [make("p", { class: "formula" }, `由“${of.name}”得出：${item.how}`), ...breakdown(item.of, here)];
    }
    if (item.total === "units") return [table("名册中应报的村（社区）", ["单位", "地形"], data.places.filter(([, , ], at) => at < Number(item.value)).map(([name, terrain]) => ({ lack: false, cells: [name, [terrain, ""]] })))];
    return breakdown(code);
  };

  const showIndicator = (code, slot) => {
    const item = data.indicators[code];
    title.textContent = item.name;
    const words = item.unit === "" ? "big words" : "big";
    const [counted, expected] = item.counted;
    const shown = slot && slot.text ? slot.text + slot.unit : orDash(item.value) + item.unit;
    body.replaceChildren(
      make("p", { class: words }, shown),
      ...(slot && slot.working ? [make("p", { class: "formula" }, slot.working)] : []),
      ...(slot && slot.missing ? [make("p", { class: "warn" }, "这里缺数：应报的单位还没有报，或没有这项数。")] : []),
      ...(item.provisional ? [make("p", { class: "warn" }, `暂定数：应报 ${expected} 个单位，已报 ${counted} 个。`)] : []),
      pairs([["本年", `${orDash(item.value)}${item.value ? item.unit : ""}`], [`上年${item.basis ? `，${item.basis}` : ""}`, `${orDash(item.last)}${item.last ? item.unit : ""}`],
        ["准确值", item.exact && item.unit !== item.base ? `${item.exact}${item.base}` : ""],
        ["代码", code], ["类别", item.area], ["口径", item.definition], ["填报", item.from], ["汇总办法", item.how]]),
      ...[byPart(code), ...details(code)].filter(Boolean),
    );
  };

  const showOther = (slot) => {
    title.textContent = slot.name;
    const big = make("p", { class: slot.unit ? "big" : "big words" }, slot.text + slot.unit);
    if (slot.kind === "target" || slot.kind === "last_target") {
      const target = data.targets[slot.code], next = slot.kind === "target";
      const file = `inputs/${next ? data.year : data.year - 1}/targets.toml`;
      body.replaceChildren(big, ...(slot.working ? [make("p", { class: "formula" }, slot.working)] : []),
        pairs([[`${data.year + 1}年目标`, target.next && target.next + target.unit], [`${data.year}年目标`, target.this && target.this + target.unit],
          ["代码", slot.code], ["口径", target.definition], ["出处", file]]));
    } else if (slot.kind === "supplement") {
      const given = data.supplements[slot.code], lacks = given.lacks && `还没有给出：${given.lacks}。`;
      body.replaceChildren(big, make("p", { class: "formula" }, `补充数：不由各单位填报，由${data.here}自己给出。`),
        ...(slot.working ? [make("p", { class: "formula" }, slot.working)] : []),
        ...(lacks ? [make("p", { class: "warn" }, lacks)] : []),
        pairs([["本年", given.value && given.value + given.unit], ["上年", given.last && given.last + given.unit], ["口径", given.meaning],
          ["出处", given.source], ["填报人", given.by], ["填报日期", given.on], ["记在", given.place && (/^\d/.test(given.place) ? `inputs/${given.place}` : given.place)]]));
    } else if (slot.kind === "own_text") {
      body.replaceChildren(big, pairs([["口径", `${data.here}自己的文字`], ["出处", `inputs/township.toml [report] ${slot.code}`]]));
    } else if (slot.kind === "text") {
      body.replaceChildren(big, pairs([["口径", data.texts[slot.code]], ["出处", `inputs/township.toml [report] ${slot.code}`]]));
    } else {
      body.replaceChildren(big, pairs([["出处", "本次汇总的年度和报告日期（township.toml）"]]));
    }
  };

  const open = (button) => {
    const slot = data.slots[Number(button.dataset.slot)];
    buttons.forEach((each) => each.classList.toggle("open", each === button));
    opener = button;
    if (slot.kind === "figure" || slot.kind === "last") showIndicator(slot.code, slot);
    else showOther(slot);
    panel.hidden = false;
    panel.scrollTop = 0;
    button.scrollIntoView({ block: "nearest" });
    title.focus({ preventScroll: true });
  };

  const close = () => {
    panel.hidden = true;
    buttons.forEach((each) => each.classList.remove("open"));
    if (opener) opener.focus();
  };

  for (const button of buttons) {
    button.addEventListener("click", () => open(button));
    if (button.tagName !== "BUTTON") {
      button.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(button); }
      });
    }
  }
  document.getElementById("close").addEventListener("click", close);
  document.getElementById("print").addEventListener("click", () => window.print());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (!hits.hidden) { find(""); query.value = ""; query.focus(); } else if (!panel.hidden) close();
  });

  // ---- finding: by name, code, area, value, or what a village wrote
  const wordsOf = data.slots.map((slot) => {
    const item = data.indicators[slot.code];
    const nameOf = (place) => (data.places[place] ? data.places[place][0] : "");
    const places = !item ? "" : item.list ? listRows(item).map((row) => `${nameOf(row[0])} ${row[3].join(" ")}`).join(" ")
      : item.rows.map((row) => `${nameOf(row[0])} ${row[1] ?? ""} ${row[7]} ${row[9]}`).join(" ");
    return `${slot.name} ${slot.code} ${slot.text}${slot.unit} ${slot.how} ${item ? `${item.area} ${item.definition} ` : ""}${places}`.toLowerCase();
  });
  const find = (text) => {
    const terms = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const found = terms.length ? buttons.filter((button) => terms.every((term) => wordsOf[Number(button.dataset.slot)].includes(term))) : [];
    buttons.forEach((button) => button.classList.toggle("hit", found.includes(button)));
    const named = (button) => data.slots[Number(button.dataset.slot)].name.toLowerCase();
    const ranked = [...found].sort((a, b) => Number(terms.some((t) => named(b).includes(t))) - Number(terms.some((t) => named(a).includes(t))));
    hits.replaceChildren(...ranked.slice(0, 60).map((button) => {
      const slot = data.slots[Number(button.dataset.slot)], item = data.indicators[slot.code];
      const hit = make("button", { type: "button" }, `${slot.name}${slot.how ? `（${slot.how}）` : ""}：${slot.text}${slot.unit}`, make("small", {}, item ? `${slot.code} ${item.area}` : ""));
      hit.addEventListener("click", () => { hits.hidden = true; open(button); });
      return hit;
    }));
    hits.hidden = !found.length;
    count.textContent = terms.length ? (found.length ? `找到 ${found.length} 处` : "没有找到") : "";
  };
  query.addEventListener("input", () => find(query.value));
  document.getElementById("search").addEventListener("submit", (event) => {
    event.preventDefault();
    const first = hits.querySelector("button");
    if (first) first.click();
  });
})();
