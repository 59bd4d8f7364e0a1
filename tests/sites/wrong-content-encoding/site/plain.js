document.title = "plain"
