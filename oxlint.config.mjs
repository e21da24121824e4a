export default { categories: { correctness: "error" } };
