//! Extensions of assets: what browsers load, and common downloads.
//!
//! Under a fallback, a path with such an extension that nothing is served at is a missing file, and
//! any other path is a page of the application. The table of media types cannot tell them apart:
//! hundreds of its 1,400 extensions are also names and words (`/user/jo.man`, `/example.org`,
//! `/v1/first.step`), while formats that browsers load (`.ksplat`, `.riv`, `.br`) are not in it. So
//! each extension is listed here, unless it is likely to end a name: `.com`, `.me`, `.ai`, `.key`.

/// The extensions in lower case, by use.
const EXTENSIONS: [&str; 15] = [
    // Pages. Those of other servers are requested by scanners, not by users of the application.
    "html htm xhtml xht shtml mht mhtml php asp aspx jsp cgi",
    // Scripts, style sheets, and the sources that development servers and source maps name.
    "js mjs cjs jsx ts mts cts tsx css scss wasm map",
    // Data, feeds, manifests and text.
    "json json5 jsonc jsonl jsonld ndjson geojson topojson xml xsl xslt xsd rss atom rdf ttl csv \
     tsv txt md markdown yaml yml toml ini cfg conf log webmanifest appcache plist wsdl opml har",
    // Images and animations.
    "png apng jpg jpeg jpe jfif gif webp avif svg svgz ico cur bmp tif tiff heic heif jxl jp2 jpx \
     psd eps tga dds exr hdr ktx ktx2 qoi xcf dng riv lottie",
    // Fonts.
    "woff woff2 ttf otf ttc eot fnt",
    // Audio and video, play lists and subtitles.
    "mp3 mp2 m4a m4b m4r aac oga ogg opus wav weba flac mid midi aif aiff mka mp4 m4v m4s m2ts \
     webm ogv mov avi mkv mpg mpeg 3gp 3g2 wmv wma flv m3u m3u8 mpd vtt srt",
    // Three-dimensional models and drawings.
    "glb gltf vrm obj mtl stl ply fbx dae 3ds 3mf usdz usda stp dxf dwg ifc drc pcd laz ksplat",
    // Maps.
    "pbf mvt pmtiles mbtiles gpx kml kmz shp shx dbf gpkg",
    // Data that scripts read as bytes, often by ranges.
    "bin data dat db sqlite sqlite3 parquet arrow avro npy npz h5 hdf5 onnx tflite safetensors \
     gguf traineddata zim",
    // Documents.
    "pdf doc docx docm dotx xls xlsx xlsm xlsb ppt pptx pptm ppsx odt ods odp odg rtf epub mobi \
     azw3 djvu xps tex bib ics vcf vcard eml",
    // Archives and compressed files.
    "zip gz tgz tar bz2 xz 7z rar zst br lz4 iso img cbz cbr",
    // Programs and packages.
    "exe msi msix appx dmg pkg deb rpm apk aab ipa appimage flatpak jar dll crx xpi vsix whl nupkg \
     swf unityweb pck pyc",
    // Scripts to run, and sources that scripts load.
    "sh bash ps1 bat py ipynb lua sql wgsl glsl graphql proto",
    // Certificates, signatures, checksums and profiles.
    "pem crt cer asc sig md5 sha1 sha256 sha512 mobileconfig pkpass",
    // Links to downloads.
    "torrent metalink jnlp webloc",
];

/// The maximum length of an extension that can be packed.
const LENGTH_MAX: usize = size_of::<u128>() - 1;

/// The number of extensions.
const COUNT: usize = count();

/// The packed extensions in ascending order. Numbers are not relocated at the start of the process,
/// as a table of `&str` would be.
static PACKED: [u128; COUNT] = packed_extensions();

/// Whether an extension, given without its dot and in any case, is that of an asset.
pub(crate) fn is_asset_extension(extension: &[u8]) -> bool {
    extension.len() <= LENGTH_MAX && PACKED.binary_search(&pack(extension)).is_ok()
}

/// The bytes of an extension in lower case as a number. The bit before them makes it unique.
const fn pack(extension: &[u8]) -> u128 {
    let mut packed = 1;
    let mut at = 0;
    while at < extension.len() {
        packed = packed << 8 | extension[at].to_ascii_lowercase() as u128;
        at += 1;
    }
    packed
}

const fn count() -> usize {
    let mut count = EXTENSIONS.len();
    let mut group = 0;
    while group < EXTENSIONS.len() {
        let bytes = EXTENSIONS[group].as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            count += (bytes[at] == b' ') as usize;
            at += 1;
        }
        group += 1;
    }
    count
}

const fn packed_extensions() -> [u128; COUNT] {
    let mut packed = [0; COUNT];
    let mut length = 0;
    let mut group = 0;
    while group < EXTENSIONS.len() {
        let mut rest = EXTENSIONS[group].as_bytes();
        while !rest.is_empty() {
            let mut end = 0;
            while end < rest.len() && rest[end] != b' ' {
                end += 1;
            }
            let (word, after) = rest.split_at(end);
            // Insertion keeps the order.
            let value = pack(word);
            let mut at = length;
            while at > 0 && packed[at - 1] > value {
                packed[at] = packed[at - 1];
                at -= 1;
            }
            packed[at] = value;
            length += 1;
            rest = if after.is_empty() { after } else { after.split_at(1).1 };
        }
        group += 1;
    }
    packed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_extension_is_listed_once_and_found_in_any_case() {
        assert!(PACKED.is_sorted_by(|a, b| a < b), "an extension is listed twice");
        let words: Vec<&str> = EXTENSIONS.iter().flat_map(|group| group.split(' ')).collect();
        assert_eq!(words.len(), COUNT);
        for word in words {
            let is_lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            assert!(!word.is_empty() && word.bytes().all(is_lower), "{word:?}");
            assert!(is_asset_extension(word.as_bytes()), "{word}");
            assert!(is_asset_extension(word.to_uppercase().as_bytes()), "{word}");
        }
    }

    #[test]
    fn other_extensions_are_not_found() {
        for word in ["", "com", "test", "doe", "0", "0js", "j", "htmlx", "\0js", "js\0"] {
            assert!(!is_asset_extension(word.as_bytes()), "{word:?}");
        }
        assert!(!is_asset_extension(&[b'j'; LENGTH_MAX + 1]));
    }
}
