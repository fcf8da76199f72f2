/** 个案与共案: only styles; the page works without a script. */
import "../styles/editor/lineage.scss";
