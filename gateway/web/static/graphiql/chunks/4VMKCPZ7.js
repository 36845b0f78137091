import{a,b}from"./CWCF4WXR.js";import"./OXON2AIW.js";import"./2JYTOCVQ.js";import"./JXJL6XV6.js";import"./MDB4IA2V.js";import"./7523EMFW.js";export{b as getWorker,a as jsonDefaults};
