"use strict";
// A village's own page: sends one workbook, and shows what became of it.
(() => {
  const at = (id) => document.getElementById(id);
  const drop = at("drop"), files = at("files"), told = at("told"), now = at("now"), here = location.pathname.replace(/\/$/, "");
  const SOON = 5000, LOOKS = 24;

  const say = (words, bad = false) => {
    told.textContent = words;
    told.classList.toggle("bad", bad);
  };
  const link = () => {
    const back = at("back");
    if (back) back.href = `${here}/returned`;
  };
  const refresh = async (looks) => {
    const answer = await fetch(`${here}/now`);
    if (answer.ok) {
      now.innerHTML = await answer.text();
      link();
    }
    if (looks > 1) setTimeout(() => refresh(looks - 1), SOON);
  };
  const send = async (file) => {
    if (file.size > drop.dataset.largest) return say(`${file.name} 超过 ${drop.dataset.largest >> 20} MB，没有报送。`, true);
    say(`正在报送 ${file.name}……`);
    try {
      const answer = await fetch(`${here}/files/${encodeURIComponent(file.name.replaceAll("/", "／"))}`, { method: "PUT", body: file });
      const said = answer.headers.get("Content-Type").includes("json") ? await answer.json() : { words: await answer.text() };
      say(answer.ok ? (said.new ? "收到了，乡镇正在审核，结果一会儿显示在下面。" : "和已经报过的一模一样。") : said.words, !answer.ok);
      if (answer.ok) setTimeout(() => refresh(LOOKS), SOON);
    } catch {
      say("没有报上去，请再试一次。", true);
    }
  };
  files.addEventListener("change", async () => {
    const [file] = files.files;
    if (file) await send(file);
    files.value = "";
  });
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const kind of ["dragleave", "drop"]) document.addEventListener(kind, () => drop.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const [file, ...more] = event.dataTransfer.files;
    if (!file) return;
    if (more.length || entries.some((entry) => entry.isDirectory)) return say("一次只收一个文件，请拖填好的那一份报表。", true);
    send(file);
  });
  link();
})();
