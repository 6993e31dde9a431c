"use strict";
// What the pages have in common. Everything shown is put in as text, never as markup.
const make = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
};
const pairs = (entries) => {
  const list = make("dl");
  for (const [term, words] of entries) {
    if (words) list.append(make("dt", {}, term), make("dd", {}, words));
  }
  return list;
};
