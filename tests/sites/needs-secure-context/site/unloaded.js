navigator.share({ url: "/" });
