// Gray pictures as the server sends them, painted pixel by pixel: {width, height, gray: base64 of the rows}.

function pixelsOf(plane) {
  const gray = atob(plane.gray), pixels = new ImageData(plane.width, plane.height);
  const whole = new Uint32Array(pixels.data.buffer);  // alpha, blue, green, red: far sooner than one by one
  for (let i = 0; i < whole.length; i++) whole[i] = 0xff000000 | (gray.charCodeAt(i) * 0x010101);
  return pixels;
}

export function paint(canvas, plane) {
  [canvas.width, canvas.height] = [plane.width, plane.height];
  canvas.getContext("2d").putImageData(pixelsOf(plane), 0, 0);
}

// Many small ones of one size, side by side.
export function paintSheet(canvas, planes) {
  const across = Math.ceil(Math.sqrt(planes.length)), gap = planes[0].width > 20 ? 2 : 1;
  const [wide, high] = [planes[0].width + gap, planes[0].height + gap];
  canvas.width = across * wide - gap;
  canvas.height = Math.ceil(planes.length / across) * high - gap;
  const context = canvas.getContext("2d");
  planes.forEach((plane, i) => {
    context.putImageData(pixelsOf(plane), (i % across) * wide, Math.floor(i / across) * high);
  });
}

export function wipe(canvas) {
  canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
}
