import{b as a}from"./chunks/ZISQHZRK.js";import"./chunks/HD4DLREW.js";export{a as initialize};
