const url = "https://esm.sh/lib@1";
