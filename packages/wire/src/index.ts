export { formatTree, type TreeNode } from './tree.js';
