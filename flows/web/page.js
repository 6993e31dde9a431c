"use strict";
// The page to work on: sends dropped files, follows the collection, asks commands. What is shown is put in as text;
// only the page's own server sends markup.
(() => {
  const at = (id) => document.getElementById(id);
  const drop = at("drop"), files = at("files"), going = at("going"), doing = at("doing"), far = at("far"),
    told = at("told"), came = at("came"), units = at("units");
  const TOGETHER = 3, SHOWN = 200, SOON = 700, LATER = 20000;

  const say = (words, bad = false) => {
    told.textContent = words;
    told.classList.toggle("bad", bad);
  };
  const ask = async (where, body) => {
    try {
      const answer = await fetch(where, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
      const said = answer.headers.get("Content-Type").includes("json") ? await answer.json() : { words: await answer.text() };
      return { well: answer.ok, ...said };
    } catch {
      return { well: false, words: "连不上村汇：可能已经停了，请重新打开。" };
    }
  };

  const put = async (where, file, folder = "") => {
    const name = encodeURIComponent(file.name.replaceAll("/", "／"));
    const answer = await fetch(`${where}/${name}${folder && `?in=${encodeURIComponent(folder)}`}`, { method: "PUT", body: file });
    const said = answer.headers.get("Content-Type").includes("json") ? await answer.json() : { words: await answer.text() };
    return { well: answer.ok, ...said };
  };

  // ---- settings and roster, checked as typed
  for (const form of document.querySelectorAll("form.text")) {
    const text = form.querySelector("textarea"), checked = form.querySelector(".checked"), button = form.querySelector("button");
    const send = (save) => ask(`/settings/${form.dataset.which}`, { text: text.value, save, mark: form.dataset.mark });
    const show = (said) => {
      checked.textContent = said.words;
      checked.classList.toggle("bad", !said.well);
      button.disabled = !said.well;
    };
    let waiting = 0;
    text.addEventListener("input", () => {
      button.disabled = true;
      clearTimeout(waiting);
      waiting = setTimeout(async () => show(await send(false)), 500);
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const said = await send(true);
      form.dataset.mark = said.mark ?? form.dataset.mark;
      show(said);
    });
  }
  // ---- a township that begins
  for (const form of document.querySelectorAll("form.begin")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = form.querySelector("button"), roster = form.elements.units.files[0];
      button.disabled = true;
      say("正在建……");
      const kept = await put("/roster", roster);
      const said = kept.well ? await ask("/do/begin", Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "units"))) : kept;
      button.disabled = said.well;
      say(said.words, !said.well);
      at("on").hidden = !said.well;
    });
  }
  if (!drop) return;

  // ---- what each file that has just come turned out to be
  const sent = new Map(), MOST = 12;  // units of one file that are told beside it
  const wrong = (row) => {
    const more = row.nextElementSibling;
    const lines = more?.classList.contains("more") ? more.querySelectorAll("li") : row.querySelectorAll("p");
    return [...lines].slice(0, 3).map((each) => each.textContent);
  };
  const paragraph = (text) => Object.assign(document.createElement("p"), { textContent: text });
  const settle = () => {
    const rows = new Map();
    for (const row of units.querySelectorAll("[data-file]")) {
      const within = row.dataset.file.split("/");  // of a zip, or of a folder: every beginning may be what was sent
      for (; within.length; within.pop()) {
        const name = within.join("/");
        rows.set(name, [...(rows.get(name) ?? []), row]);
      }
    }
    for (const [name, line] of sent) {
      const all = line.isConnected && rows.get(name);
      if (!all) continue;
      const asked = all.filter((row) => wrong(row).length), told = [...asked, ...all.filter((row) => !asked.includes(row))];
      line.dataset.state = told[0].dataset.state;
      line.replaceChildren(name, ...told.slice(0, MOST).flatMap((row) => {
        const word = document.createElement("span");
        word.className = "state";
        word.textContent = ` ${row.dataset.unit ?? ""} ${row.querySelector(".state").textContent}`;
        return [word, ...wrong(row).map(paragraph)];
      }), ...(told.length > MOST ? [paragraph(`还有 ${told.length - MOST} 个单位，见下面的“各单位”。`)] : []));
    }
  };
  const refresh = async () => {
    const answer = await fetch("/units");
    const text = await answer.text();
    if (!answer.ok) {
      say(text, true);
      return false;
    }
    units.innerHTML = text;
    settle();
    return true;
  };

  // ---- how far the collection is
  let running = false, waiting = 0, failed = 0;
  const follow = async () => {
    clearTimeout(waiting);
    try {
      const now = await (await fetch("/state")).json();
      going.hidden = !now.running;
      if (now.running) {
        const { done, total } = now.running;
        doing.textContent = total ? `正在读取报表：${done} / ${total}` : "正在汇总……";
        total ? (far.max = total, far.value = done) : far.removeAttribute("value");
      } else if (running) {
        const shown = await refresh();
        const done = failed ? `汇总做完了；有 ${failed} 个文件没有收下，见下面。` : "汇总做完了。";
        if (shown || !now.last.well) say(now.last.well ? done : now.last.words, !now.last.well || failed > 0);
      }
      running = Boolean(now.running);
    } catch {
      say("连不上村汇：可能已经停了，请重新打开。", true);
    }
    waiting = setTimeout(follow, running ? SOON : LATER);
  };
  const collect = async () => {
    const said = await ask("/run", {});
    if (!said.well) return say(said.words, true);
    running = true;
    follow();
  };

  // ---- files: dropped or chosen, many, folders
  const above = (path) => path.split("/").slice(0, -1).filter(Boolean).join("/");
  const within = async (entry) => {
    if (entry.isFile) return [[await new Promise((good, bad) => entry.file(good, bad)), above(entry.fullPath)]];
    const reader = entry.createReader(), found = [];
    for (let some; (some = await new Promise((good, bad) => reader.readEntries(good, bad))).length; ) {
      for (const each of some) found.push(...await within(each));
    }
    return found;
  };
  const send = async ([file, folder]) => {
    const line = document.createElement("li");
    line.textContent = `${file.name}：正在收……`;
    came.prepend(line);
    const fine = came.querySelectorAll("li:not(.bad)");  // what was refused stays
    if (fine.length > SHOWN) fine[fine.length - 1].remove();
    if (file.size > drop.dataset.largest) {
      line.textContent = `${file.name}：超过 ${drop.dataset.largest >> 20} MB，没有收`;
      line.classList.add("bad");
      return false;
    }
    try {
      const said = await put("/files", file, folder);
      if (!said.well) {
        line.textContent = said.words;
        line.classList.add("bad");
        return false;
      }
      line.textContent = said.new ? `${said.name}：已收到` : `${said.name}：和已经收到的一模一样`;
      sent.set(said.name, line);
      return true;
    } catch {
      line.textContent = `${file.name}：没有收到，请再拖一次`;
      line.classList.add("bad");
      return false;
    }
  };
  const take = async (list) => {
    if (!list.length) return say("里面没有文件。", true);
    sent.clear();
    came.replaceChildren();
    say(`正在收 ${list.length} 个文件……`);
    let next = 0, good = 0;
    const work = async () => {
      while (next < list.length) {
        const taken = await send(list[next++]);
        good += taken;  // in one step: others count meanwhile
      }
    };
    await Promise.all(Array.from({ length: TOGETHER }, work));
    failed = list.length - good;
    say(failed ? `收到 ${good} 个，没有收下 ${failed} 个。` : `收到 ${good} 个文件，开始汇总。`, failed > 0);
    if (good) await collect();
  };
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const kind of ["dragleave", "drop"]) document.addEventListener(kind, () => drop.classList.remove("over"));
  document.addEventListener("drop", async (event) => {
    event.preventDefault();
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const plain = [...event.dataTransfer.files].map((file) => [file, ""]);
    if (!entries.length && !plain.length) return;  // words or a picture of a page
    try {
      take(entries.length ? (await Promise.all(entries.map(within))).flat() : plain);
    } catch {
      say("文件夹没有读完，可能已移走或没有权限，请再拖一次。", true);
    }
  });
  for (const input of [files, at("folder")]) {
    input.addEventListener("change", () => {
      if (input.files.length) take([...input.files].map((file) => [file, above(file.webkitRelativePath)]));
      input.value = "";
    });
  }

  // ---- commands of a question or two
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-do]");
    if (!form) return;
    event.preventDefault();
    command(form.dataset.do, Object.fromEntries(new FormData(form)), form.querySelector("button"));
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-do]");
    if (button) command(button.dataset.do, { folder: button.dataset.folder ?? "" }, button);
  });
  const command = async (what, body, button) => {
    button.disabled = true;
    say("正在做……");
    const said = await ask(`/do/${what}`, body);
    button.disabled = false;
    say(said.words || "做好了。", !said.well);
    if (["correct", "withdraw", "figure"].includes(what) && said.well) {
      running = true;
      follow();
    } else if (what !== "open") refresh();
    told.scrollIntoView({ block: "nearest" });
  };
  at("again").addEventListener("click", collect);
  follow();
})();
