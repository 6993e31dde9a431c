// The page 收报情况: opens a unit's findings, filters, searches and sorts the rows, copies words to send.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const table = document.getElementById("units");
  const heads = [...table.tHead.rows[0].cells];
  const query = document.getElementById("query");
  const kind = document.getElementById("kind");
  const shown = document.getElementById("shown");
  const states = [...document.querySelectorAll("#states button")];
  const copied = document.getElementById("copied");
  const AT_STATE = 3, COPY = "复制催报语", SAID_FOR = 2000;

  const units = [...table.tBodies].map((body, number) => {
    const [row, more] = body.rows, unit = data.units[number];
    const told = unit.told.map(([, ...words]) => [...words.slice(0, 3), data.mends[words[3]], ...words.slice(4)].join(" "));
    const said = [...row.cells].slice(0, -1).map((cell) => cell.textContent);
    return { ...unit, number, body, row, more, opener: row.querySelector(".open"),
      words: [body.dataset.code, ...said, ...told].join(" ").toLowerCase() };
  });

  // ---- an opened row
  const finding = ([, place, subject, problem, mend, reason, verdict]) => make("li", {},
    make("div", { class: "place" }, place, subject ? make("span", {}, subject) : null),
    make("div", { class: "what" }, make("p", {}, `${problem}。`), data.mends[mend] ? make("p", { class: "mend" }, data.mends[mend]) : null),
    reason ? make("div", { class: "reason" }, `说明：“${reason}”`, verdict ? make("strong", {}, verdict) : null) : null);

  const group = (unit, name, at) => {
    const found = unit.told.filter(([which]) => which === at);
    return found.length ? make("section", {}, make("h3", {}, `${name}（${found.length} 处）`), make("ol", {}, ...found.map(finding))) : null;
  };

  const copier = (unit) => {
    const button = make("button", { type: "button", class: "copy" }, COPY);
    button.addEventListener("click", () => copy(unit, button));
    return button;
  };

  const fill = (unit) => {
    const hidden = heads.map((head, at) => [head, unit.row.cells[at].textContent]).filter(([head, words]) =>
      /mid|wide/.test(head.className) && !head.classList.contains("ask") && words);
    unit.more.cells[0].append(...[
      make("dl", { class: "facts" }, make("div", {}, make("dt", {}, "代码"), make("dd", {}, unit.body.dataset.code)),
        ...hidden.map(([head, words]) => make("div", { class: head.className }, make("dt", {}, head.textContent), make("dd", {}, words)))),
      unit.links.length ? make("p", { class: "links" }, ...unit.links.map(([words, href]) => make("a", { href }, words))) : null,
      unit.say ? make("p", { class: "say" }, make("span", {}, unit.say), copier(unit)) : null,
      ...data.groups.map((name, at) => group(unit, name, at)),
      unit.rest ? make("p", {}, `还有 ${unit.rest} 处，见“问题清单.xlsx”。`) : null,
      unit.told.length ? null : make("p", {}, `${data.meanings[unit.body.dataset.state]}。`),
    ].filter(Boolean));
  };

  const toggle = (unit) => {
    const open = unit.more.hidden;
    if (open && !unit.more.cells[0].hasChildNodes()) fill(unit);
    unit.more.hidden = !open;
    unit.opener.setAttribute("aria-expanded", String(open));
  };

  // ---- words to send, to the clipboard
  const copyOld = (text) => {
    const area = make("textarea", { readonly: "", class: "skip", "aria-hidden": "true" }, text);
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  };
  const copy = async (unit, button) => {
    const done = await (navigator.clipboard ? navigator.clipboard.writeText(unit.say).then(() => true, () => copyOld(unit.say)) : copyOld(unit.say));
    button.textContent = done ? "已复制" : "没有复制成";
    button.focus();
    copied.textContent = done ? `已复制给${unit.opener.textContent}的催报语` : "没有复制成，请展开该单位，选中催报语后按 Ctrl+C";
    setTimeout(() => { button.textContent = COPY; copied.textContent = ""; }, SAID_FOR);
  };

  for (const unit of units) {
    unit.row.addEventListener("click", (event) => {
      if (event.target.closest(".copy")) copy(unit, event.target);
      else if (event.target.closest(".open") || !String(getSelection())) toggle(unit);
    });
  }

  // ---- which rows are shown
  const pressed = () => states.filter((each) => each.getAttribute("aria-pressed") === "true").map((each) => each.dataset.state).filter(Boolean);
  const filter = () => {
    const wanted = pressed(), terms = query.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const unit of units) {
      const { state, kind: of } = unit.body.dataset;
      const keep = (!wanted.length || wanted.includes(state)) && (!kind.value || kind.value === of) && terms.every((term) => unit.words.includes(term));
      unit.body.hidden = !keep;
      count += keep;
    }
    shown.textContent = count === units.length ? `共 ${count} 个单位` : count ? `显示 ${count} 个单位，共 ${units.length} 个` : "没有符合的单位";
  };
  for (const button of states) {
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      for (const each of states) if (each === button || !button.dataset.state) each.setAttribute("aria-pressed", String(each === button && on));
      states[0].setAttribute("aria-pressed", String(!pressed().length));
      filter();
    });
  }
  query.addEventListener("input", filter);
  kind.addEventListener("change", filter);
  document.getElementById("search").addEventListener("submit", (event) => event.preventDefault());

  // ---- in which order
  const keyOf = (unit, at) => (at === 0 ? unit.number : at === AT_STATE ? Number(unit.body.dataset.order) : unit.row.cells[at].textContent);
  const order = (at, down) => {
    const numeric = heads[at].classList.contains("num"), sign = down ? -1 : 1;
    const compare = (a, b) => {
      const [one, other] = [keyOf(a, at), keyOf(b, at)];
      if (one === "" || other === "") return (one === "") - (other === "");
      return sign * (numeric || typeof one === "number" ? one - other : one.localeCompare(other, "zh-CN"));
    };
    table.append(...[...units].sort((a, b) => compare(a, b) || a.number - b.number).map((unit) => unit.body));
  };
  heads.forEach((head, at) => {
    const button = head.querySelector("button");
    if (!button) return;
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const each of heads) if (each.hasAttribute("aria-sort")) each.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      order(at, down);
    });
  });

  // ---- a mark of a picture leads to its unit's row, which is then open
  const visit = () => {
    const unit = /^#r\d+$/.test(location.hash) ? units[Number(location.hash.slice(2))] : null;
    if (!unit) return;
    if (unit.body.hidden) { query.value = ""; kind.value = ""; states[0].click(); }
    if (unit.more.hidden) toggle(unit);
    unit.opener.focus({ preventScroll: true });
    unit.body.scrollIntoView({ block: "start" });
  };
  document.addEventListener("click", (event) => { if (event.target.closest('a[href^="#r"], svg a')) setTimeout(visit); });
  window.addEventListener("load", visit);

  document.getElementById("print").addEventListener("click", () => window.print());
  filter();
})();
