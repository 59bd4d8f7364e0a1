//! The icon of an app: pictures in several sizes, from a PNG or ICO file.

use super::{
    ico,
    image::{Image, SIDE_MAX},
    png::{self, TOO_LARGE},
    png_encoder,
};

/// Maximum length of a file with an icon in bytes.
pub(super) const FILE_MAX: u64 = 4 << 20;
/// Larger pictures are scaled down when they are read, because no system shows a larger icon.
const SIZE_MAX: usize = 512;
/// The sizes that Windows shows.
const WINDOWS: [usize; 4] = [256, 48, 32, 16];

/// The size of the icon of an `AppDir`.
const APP_DIR: usize = 256;

const UNKNOWN: &str = "it is neither a PNG nor an ICO file";

/// Pictures in different sizes, each of which is a square.
#[derive(Debug)]
pub struct Icon {
    images: Vec<Image>,
}

/// A picture of an icon in a file for Windows.
#[derive(Debug)]
pub(crate) struct Picture {
    /// The number of pixels of a side.
    pub(crate) size: usize,
    /// A bitmap or a PNG file.
    pub(crate) data: Vec<u8>,
}

/// The size that the first bytes of a file with an icon claim; `None` if it is not such a file.
pub(super) fn claimed_size(start: &[u8]) -> Option<usize> {
    png::size(start).map(|(width, height)| width.max(height)).or_else(|| ico::size(start))
}

impl Icon {
    /// Decodes the file with an icon. The error is a reason.
    pub(super) fn read(file: &[u8]) -> Result<Self, &'static str> {
        let mut images: Vec<Image> = Vec::new();
        let mut add = |image: &Image| {
            let size = image.size().min(SIZE_MAX);
            let at = images.iter().position(|it| it.size() >= size).unwrap_or(images.len());
            if images.get(at).is_none_or(|it| it.size() != size) {
                images.insert(at, image.squared(size));
            }
        };
        if file.starts_with(png::SIGNATURE) {
            let (width, height) = png::size(file).ok_or(png::DAMAGED)?;
            if width.max(height) > SIDE_MAX {
                return Err(TOO_LARGE);
            }
            add(&png::decode(file)?);
        } else if file.starts_with(ico::SIGNATURE) {
            ico::decode(file, add)?;
        } else {
            return Err(UNKNOWN);
        }
        Ok(Self { images })
    }

    /// The icon of sites that have none.
    #[must_use]
    pub fn fallback() -> Self {
        // Its test reads it.
        Self::read(include_bytes!("default-icon.png")).unwrap_or(Self { images: Vec::new() })
    }

    /// The size of the largest picture.
    pub(super) fn size(&self) -> usize {
        self.images.last().map_or(0, Image::size)
    }

    /// The icon in another size: from the picture with this size, or the next larger one. The
    /// largest one is enlarged by a half at most, because it becomes blurred.
    pub(super) fn sized(&self, size: usize) -> Option<Image> {
        let next = self.images.iter().find(|it| it.size() >= size);
        let largest = || self.images.last().filter(|it| it.size() * 3 >= size * 2);
        next.or_else(largest).map(|it| it.squared(size))
    }

    /// The PNG file for an `AppDir`.
    pub(super) fn for_app_dir(&self) -> Vec<u8> {
        let size = self.size().min(APP_DIR);
        self.sized(size).map(|image| png_encoder::encode(&image)).unwrap_or_default()
    }

    /// The pictures for a Windows executable, largest first. There is at least one.
    pub(crate) fn for_windows(&self) -> Vec<Picture> {
        let mut images: Vec<_> = WINDOWS.iter().filter_map(|size| self.sized(*size)).collect();
        if images.is_empty() {
            images.extend(self.images.last().cloned());
        }
        let picture = |it: &Image| Picture { size: it.size(), data: ico::encode(it) };
        images.iter().map(picture).collect()
    }
}
